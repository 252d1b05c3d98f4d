import { isRefused, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { nearest } from "../../kernel/nearest.ts";
import { printable } from "../../kernel/text.ts";
import type { DistReleaseListResultV1 } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { asOfTips } from "./as-of.ts";
import { checkApp, checkChannel } from "./names.ts";
import { afterKey, clauses, type Condition, cursorOf, equals, type PageAsked, readPage, type Sorted } from "./page.ts";
import { ask } from "./record.ts";
import {
  channelsByRelease,
  isReleaseStatus,
  RELEASE_STATUS,
  RELEASES,
  releaseRow,
  releaseStatuses,
  tombstoneWarnings,
} from "./release-rows.ts";
import { reusedWarnings } from "./reused-ids.ts";
import type { Told } from "./told.ts";
import { unhonouredWarnings } from "./unhonoured.ts";

/** Which releases are asked for; null leaves a filter out. */
export interface ReleasesAsked extends PageAsked {
  readonly app: string | null;
  readonly status: string | null;
  /** Only what this channel is on. */
  readonly channel: string | null;
}

const byVersion: Sorted = { column: "r.version_key", descending: true };

/** Lists releases, newest version first, of one app or app after app. */
export function listReleases(
  { database, asOf }: Snapshot,
  asked: ReleasesAsked,
): Told<DistReleaseListResultV1> | Refused {
  const unknown =
    checkApp(database, asked.app) ?? checkStatus(asked.status) ?? checkChannel(database, asked.app, asked.channel);
  if (unknown !== null) return unknown;
  const order = asked.app === null ? [{ column: "r.app" }, byVersion] : [byVersion];
  const page = readPage(asked, order);
  if (isRefused(page)) return page;
  const conditions = [
    ...equals("r.app", asked.app),
    ...equals(RELEASE_STATUS, asked.status),
    ...onChannel(asked.channel),
    ...afterKey(order, page.after),
  ];
  const { sql, values } = clauses(conditions, order);
  const found = ask(
    database,
    `SELECT r.*, ${RELEASE_STATUS} AS shown_status FROM ${RELEASES} ${sql}`,
    values,
    page.limit,
  );
  const on = channelsByRelease(database, asked.app);
  const last = found.rows.at(-1);
  const keys = last && [...(asked.app === null ? [last.text("app")] : []), last.text("version_key")];
  return {
    result: {
      schema: "dist-release-list-result.v1",
      app: asked.app,
      releases: found.rows.map((row) => releaseRow(row, on(row))),
      next_cursor: found.more && keys ? cursorOf(keys) : null,
      as_of: asOfTips(asOf),
    },
    warnings: [
      ...unhonouredWarnings(database),
      ...tombstoneWarnings(database),
      ...reusedWarnings(
        database,
        found.rows.map((row) => row.text("id")),
      ),
    ],
  };
}

function onChannel(name: string | null): readonly Condition[] {
  if (name === null) return [];
  const sql = `EXISTS (SELECT 1 FROM channels c WHERE c.app = r.app AND c.name = ? AND c.release_id = r.id AND c.release_digest = r.sha256)`;
  return [{ sql, values: [name] }];
}

function checkStatus(status: string | null): Refused | null {
  if (status === null || isReleaseStatus(status)) return null;
  const meant = nearest(status, releaseStatuses);
  const known = `Known: ${releaseStatuses.join(" ")}`;
  const hint = meant === undefined ? known : `Did you mean ${meant}? ${known}`;
  return refuse(reason("usage.invalid_argument", `${printable(status)} is not a status of a release`, {}, hint));
}
