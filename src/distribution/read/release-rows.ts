import { type Reason, reason } from "../../kernel/errors.ts";
import type { Database, SqlValue } from "../../ports/sql.ts";
import type { ReleaseListRow } from "../../schema/types.gen.ts";
import { referenceOf } from "../core/release-path.ts";
import { ask, type Row } from "./record.ts";

/** What a release is to readers: as its document says, but yanked by a decision and retired by its tombstone. */
export const RELEASE_STATUS = `CASE WHEN y.release_id IS NOT NULL THEN 'yanked' WHEN t.release_id IS NOT NULL THEN 'retired' ELSE r.status END`;

/** Ids of what decisions in force need: where gated channels point or came from, and what takes the place of what is withdrawn. */
const NEEDED = `(SELECT release_id FROM channels WHERE mode = 'gated'
  UNION SELECT from_release_id FROM channels WHERE mode = 'gated' AND from_release_id IS NOT NULL
  UNION SELECT replacement FROM yanks WHERE replacement IS NOT NULL)`;

const TOMBSTONE = "t.app = r.app AND t.release_id = r.id AND t.version = r.version AND t.build IS r.build";

/** Releases with what decisions and tombstones say of them; a tombstone undoes no decision. */
export const RELEASES = `releases r LEFT JOIN yanks y ON y.app = r.app AND y.release_id = r.id
  LEFT JOIN retired t ON ${TOMBSTONE} AND r.id NOT IN ${NEEDED}`;

/** Most false tombstones that are told of. */
const MAX_FALSE = 5;

/** Warns of tombstones that are not believed, since decisions in force need what they say is gone. */
export function tombstoneWarnings(database: Database): readonly Reason[] {
  const sql = `SELECT r.app, r.version, r.build, r.id FROM releases r JOIN retired t ON ${TOMBSTONE}
    WHERE r.id IN ${NEEDED} ORDER BY r.app, r.version_key`;
  return ask(database, sql, [], MAX_FALSE).rows.map((row) => {
    const what = referenceOf(row.text("app"), { version: row.text("version"), build: row.textOrNull("build") });
    const message = `A fact says that ${what} was retired, but decisions in force need it: nobody believes that fact`;
    return reason("release.retired", message, { release_id: row.text("id") }, "waybill state verify");
  });
}

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
