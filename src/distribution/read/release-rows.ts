import type { Database, SqlValue } from "../../ports/sql.ts";
import type { ReleaseListRow } from "../../schema/types.gen.ts";
import { ask, type Row } from "./record.ts";

/** What a release is to readers: as its document says, but yanked by a decision and retired by its tombstone. */
export const RELEASE_STATUS = `CASE WHEN y.release_id IS NOT NULL THEN 'yanked' WHEN t.release_id IS NOT NULL THEN 'retired' ELSE r.status END`;

/** Releases with what decisions and tombstones say of them. */
export const RELEASES = `releases r LEFT JOIN yanks y ON y.app = r.app AND y.release_id = r.id
  LEFT JOIN retired t ON t.app = r.app AND t.release_id = r.id`;

const STATUSES = ["draft", "published", "abandoned", "yanked", "retired"] as const;

/** Every status that readers give a release. */
export type ReleaseStatus = (typeof STATUSES)[number];

/** Tells whether a text is a status of a release. */
export function isReleaseStatus(text: string): text is ReleaseStatus {
  return STATUSES.some((status) => status === text);
}

/** Names of all statuses, for people. */
export const releaseStatuses: readonly string[] = STATUSES;

/** Reads the status column that {@link RELEASE_STATUS} makes. */
export function statusIn(row: Row, column: string): ReleaseStatus {
  return row.oneOf(column, STATUSES);
}

/** Channels by the release that they are on; a pointer to other bytes is on none. */
export function channelsByRelease(database: Database, app: string | null): (release: Row) => readonly string[] {
  const [where, values]: [string, readonly SqlValue[]] = app === null ? ["", []] : ["WHERE app = ?", [app]];
  const { rows } = ask(
    database,
    `SELECT app, name, release_id, release_digest FROM channels ${where} ORDER BY app, name`,
    values,
  );
  const byRelease = new Map<string, string[]>();
  for (const row of rows) {
    const key = keyOf(row.text("app"), row.text("release_id"), row.text("release_digest"));
    byRelease.set(key, [...(byRelease.get(key) ?? []), row.text("name")]);
  }
  return (release) => byRelease.get(keyOf(release.text("app"), release.text("id"), release.text("sha256"))) ?? [];
}

function keyOf(app: string, id: string, digest: string): string {
  return `${app} ${id} ${digest}`;
}

/** Makes a list's row of a release. */
export function releaseRow(row: Row, on: readonly string[]): ReleaseListRow {
  return {
    id: row.text("id"),
    app: row.text("app"),
    version: row.text("version"),
    build: row.textOrNull("build"),
    status: statusIn(row, "shown_status"),
    on,
    artifacts: row.integer("artifacts"),
    validation: {
      pending: row.integer("pending"),
      passed: row.integer("passed"),
      failed: row.integer("failed"),
      warning: row.integer("warning"),
      skipped: row.integer("skipped"),
    },
    commit: row.textOrNull("commit"),
    created_by: row.text("created_by"),
    created_at: row.text("created_at"),
    published_at: row.textOrNull("published_at"),
  };
}
