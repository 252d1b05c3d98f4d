import type { ReleaseV1 } from "../schema/types.gen.ts";
import type { Table } from "../state/document-kind.ts";
import { validationCounts } from "./core/validation.ts";
import { versionKey } from "./core/version-key.ts";

/** Releases with their numbers, by where they lie: one that takes the id of another hides none. */
export const releases: Table<ReleaseV1> = {
  name: "releases",
  columns: {
    app: "text",
    id: "text",
    version: "text",
    build: "text",
    status: "text",
    channel: "text",
    created_by: "text",
    commit: "text",
    created_at: "text",
    published_at: "text",
    artifacts: "integer",
    pending: "integer",
    passed: "integer",
    failed: "integer",
    warning: "integer",
    skipped: "integer",
    sha256: "text",
    version_key: "text",
  },
  primary: ["app", "version_key"],
  indexes: [["id"]],
  rows: (document, _key, told) => [
    {
      app: document.app_id,
      id: document.id,
      version: document.version,
      build: document.build,
      status: document.status,
      channel: document.channel,
      created_by: document.created_by.name,
      commit: document.source.commit,
      created_at: document.created_at,
      published_at: document.published_at,
      artifacts: document.artifacts.length,
      ...validationCounts(document),
      sha256: told.sha256,
      version_key: versionKey(document),
    },
  ],
};

/** Artifact rows of releases; nobody can promise that the ids of rows differ. */
export const artifacts: Table<ReleaseV1> = {
  name: "artifacts",
  columns: {
    app: "text",
    version_key: "text",
    release_id: "text",
    id: "text",
    platform: "text",
    variant: "text",
    filename: "text",
    size_bytes: "integer",
    sha256: "text",
    validation_status: "text",
  },
  primary: ["app", "version_key", "id", "sha256"],
  indexes: [["sha256"]],
  rows: (document) => {
    const version_key = versionKey(document);
    return document.artifacts.map((row) => ({
      app: document.app_id,
      version_key,
      release_id: document.id,
      id: row.id,
      platform: row.platform,
      variant: row.variant,
      filename: row.filename,
      size_bytes: row.size_bytes,
      sha256: row.sha256,
      validation_status: row.validation_status,
    }));
  },
};
