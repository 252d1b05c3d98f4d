import type { AppV1, ArtifactV1, ReleaseTombstoneV1, TokenV1 } from "../schema/types.gen.ts";
import type { AnyKind, DocumentKind, Key } from "../state/document-kind.ts";
import { channelDocuments } from "./channel-documents.ts";
import { factsOf } from "./core/artifact-facts.ts";
import { RELEASE_PATH, releaseKey } from "./core/release-path.ts";
import { artifacts, releases } from "./release-tables.ts";

const app: DocumentKind<"app.v1"> = {
  name: "app.v1",
  branch: "state",
  path: "dist/apps/{slug}/app.json",
  life: "mutable",
  keyOf: ({ slug }) => ({ slug }),
  tables: [
    {
      name: "apps",
      columns: {
        slug: "text",
        display_name: "text",
        owner: "text",
        visibility: "text",
        platforms: "text",
        ios_mode: "text",
        created_at: "text",
        updated_at: "text",
      },
      primary: ["slug"],
      rows: (document: AppV1) => [
        {
          slug: document.slug,
          display_name: document.display_name,
          owner: document.owner,
          visibility: document.visibility,
          platforms: document.platforms.join(" "),
          ios_mode: document.ios_mode,
          created_at: document.created_at,
          updated_at: document.updated_at,
        },
      ],
    },
  ],
};

const release: DocumentKind<"release.v1"> = {
  name: "release.v1",
  branch: "state",
  path: RELEASE_PATH,
  life: { frozenWhen: ({ published_at }) => published_at !== null },
  // The id of an app is its slug, so that a release says itself where it lies.
  keyOf: (document) => releaseKey(document.app_id, document.version, document.build),
  sealed: { by: "document", folder: "dist/apps/{app}/releases", least: 4, since: ({ published_at }) => published_at },
  tables: [releases, artifacts],
};

/** Key of an artifact record. */
export function artifactKey(sha256: string): Key {
  return { a: sha256.slice(0, 2), b: sha256.slice(2, 4), sha256 };
}

const artifact: DocumentKind<"artifact.v1"> = {
  name: "artifact.v1",
  branch: "state",
  path: "dist/artifacts/{a}/{b}/{sha256}.json",
  life: "mutable",
  changes: { members: ["locations"] },
  keyOf: ({ sha256 }) => artifactKey(sha256),
  sealed: {
    by: "document",
    folder: "dist/artifacts/{a}",
    least: 4,
    since: ({ locations, first_seen_at }) => locations.at(-1)?.verified_at ?? first_seen_at,
  },
  tables: [
    {
      name: "artifact_records",
      columns: {
        sha256: "text",
        kind: "text",
        identity: "text",
        version: "text",
        build: "text",
        min_os: "text",
        signature: "text",
        expires_at: "text",
        locations: "integer",
      },
      primary: ["sha256"],
      rows: (document: ArtifactV1) => {
        const { identity, version, build, minOs, signature, expiresAt } = factsOf(document.inspection.facts);
        return [
          {
            sha256: document.sha256,
            kind: document.inspection.kind,
            identity,
            version,
            build,
            min_os: minOs,
            signature,
            expires_at: expiresAt,
            locations: document.locations.length,
          },
        ];
      },
    },
  ],
};

const token: DocumentKind<"token.v1"> = {
  name: "token.v1",
  branch: "state",
  path: "dist/tokens/{id}.json",
  life: { frozenWhen: ({ revoked_at }) => revoked_at !== null },
  changes: { members: ["revoked_at"] },
  keyOf: ({ id }) => ({ id }),
  tables: [
    {
      name: "tokens",
      columns: {
        id: "text",
        name: "text",
        token_prefix: "text",
        scopes: "text",
        apps: "text",
        channels: "text",
        actor_kind: "text",
        created_at: "text",
        expires_at: "text",
        revoked_at: "text",
      },
      primary: ["id"],
      rows: (document: TokenV1) => [
        {
          id: document.id,
          name: document.name,
          token_prefix: document.token_prefix,
          scopes: document.scopes.join(" "),
          apps: document.apps?.join(" ") ?? null,
          channels: document.channels?.join(" ") ?? null,
          actor_kind: document.actor_kind,
          created_at: document.created_at,
          expires_at: document.expires_at,
          revoked_at: document.revoked_at,
        },
      ],
    },
  ],
};

/** Path template of tombstones. */
export const TOMBSTONE_PATH = "dist/apps/{app}/retired/{two}/{release}.json";

/** Key of a tombstone: the first two characters after the id's prefix, and the id. */
export function tombstoneKey(slug: string, releaseId: string): Key {
  return { app: slug, two: releaseId.replace(/^rel_/, "").slice(0, 2), release: releaseId };
}

const tombstone: DocumentKind<"release-tombstone.v1"> = {
  name: "release-tombstone.v1",
  branch: "state",
  path: TOMBSTONE_PATH,
  life: "append-only",
  keyOf: (document) => tombstoneKey(document.app_id, document.release_id),
  sealed: { by: "document", folder: "dist/apps/{app}/retired", least: 4, since: ({ retired_at }) => retired_at },
  tables: [
    {
      name: "retired",
      columns: { app: "text", release_id: "text", version: "text", build: "text", retired_at: "text" },
      primary: ["app", "release_id"],
      rows: (document: ReleaseTombstoneV1) => [
        {
          app: document.app_id,
          release_id: document.release_id,
          version: document.version,
          build: document.build,
          retired_at: document.retired_at,
        },
      ],
    },
  ],
};

/** Documents of the distribution plane, on both branches. */
export const distributionDocuments: readonly AnyKind[] = [
  app,
  release,
  artifact,
  token,
  tombstone,
  ...channelDocuments,
];
