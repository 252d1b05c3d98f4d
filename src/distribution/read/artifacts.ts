import { isRefused, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { nearest } from "../../kernel/nearest.ts";
import { printable } from "../../kernel/text.ts";
import type { ArtifactListRow, DistArtifactListResultV1, ValidationStatus } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { isPlatform, PLATFORMS } from "../core/platform.ts";
import { versionKey } from "../core/version-key.ts";
import { asOfTips } from "./as-of.ts";
import { releaseNamed } from "./named-release.ts";
import { checkApp } from "./names.ts";
import { afterKey, clauses, cursorOf, equals, type PageAsked, readPage, type Sorted } from "./page.ts";
import { ask, type Row } from "./record.ts";
import type { Told } from "./told.ts";

/** Which artifacts are asked for; null leaves a filter out. */
export interface ArtifactsAsked extends PageAsked {
  readonly app: string | null;
  /** A release as people name it. */
  readonly release: string | null;
  readonly platform: string | null;
}

const STATUSES: readonly ValidationStatus[] = ["pending", "passed", "failed", "warning", "skipped"];

const withinRelease: readonly Sorted[] = [
  { column: "r.version_key", descending: true },
  { column: "a.platform" },
  { column: "a.filename" },
  { column: "a.id" },
];

const COLUMNS = `a.*, r.version, r.build, f.min_os, f.signature, f.expires_at`;
// CROSS keeps releases outside: their index has the order, so the first page does not wait for all rows.
const ARTIFACTS = `releases r CROSS JOIN artifacts a ON a.app = r.app AND a.version_key = r.version_key
  LEFT JOIN artifact_records f ON f.sha256 = a.sha256`;

/** Lists artifacts: newest version first, then by platform and name; of one app or app after app. */
export function listArtifacts(
  { database, asOf }: Snapshot,
  asked: ArtifactsAsked,
): Told<DistArtifactListResultV1> | Refused {
  const unknown = checkApp(database, asked.app) ?? checkPlatform(asked.platform);
  if (unknown !== null) return unknown;
  const release = asked.release === null ? null : releaseNamed(database, asked.release, asked.app);
  if (isRefused(release)) return release;
  const app = release?.app ?? asked.app;
  const order = app === null ? [{ column: "r.app" }, ...withinRelease] : withinRelease;
  const page = readPage(asked, order);
  if (isRefused(page)) return page;
  const conditions = [
    ...equals("r.app", app),
    ...equals("r.version_key", release && versionKey(release)),
    ...equals("a.platform", asked.platform),
    ...afterKey(order, page.after),
  ];
  const { sql, values } = clauses(conditions, order);
  const found = ask(database, `SELECT ${COLUMNS} FROM ${ARTIFACTS} ${sql}`, values, page.limit);
  const last = found.rows.at(-1);
  const keys = ["app", "version_key", "platform", "filename", "id"].slice(app === null ? 0 : 1);
  return {
    result: {
      schema: "dist-artifact-list-result.v1",
      app,
      artifacts: found.rows.map(artifactRow),
      next_cursor: found.more && last ? cursorOf(keys.map((key) => last.text(key))) : null,
      as_of: asOfTips(asOf),
    },
    warnings: [],
  };
}

function artifactRow(row: Row): ArtifactListRow {
  return {
    id: row.text("id"),
    app: row.text("app"),
    release_id: row.text("release_id"),
    version: row.text("version"),
    build: row.textOrNull("build"),
    platform: row.oneOf("platform", PLATFORMS),
    variant: row.textOrNull("variant"),
    filename: row.text("filename"),
    size_bytes: row.integer("size_bytes"),
    sha256: row.text("sha256"),
    validation_status: row.oneOf("validation_status", STATUSES),
    min_os: row.textOrNull("min_os"),
    signature: row.textOrNull("signature"),
    expires_at: row.textOrNull("expires_at"),
  };
}

function checkPlatform(platform: string | null): Refused | null {
  if (platform === null || isPlatform(platform)) return null;
  const meant = nearest(platform, PLATFORMS);
  const known = `Known: ${PLATFORMS.join(" ")}`;
  const hint = meant === undefined ? known : `Did you mean ${meant}? ${known}`;
  return refuse(reason("usage.invalid_argument", `${printable(platform)} is not a platform`, {}, hint));
}
