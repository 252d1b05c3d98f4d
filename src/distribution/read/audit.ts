import { isRefused, type Refused } from "../../kernel/errors.ts";
import type { AuditRow, DistAuditResultV1 } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { asOfTips } from "./as-of.ts";
import { checkApp } from "./names.ts";
import { afterKey, clauses, cursorOf, equals, type PageAsked, readPage, type Sorted } from "./page.ts";
import { ask, type Row } from "./record.ts";
import type { Told } from "./told.ts";

/** Which events are asked for; null leaves a filter out. */
export interface AuditAsked extends PageAsked {
  readonly app: string | null;
  readonly action: string | null;
  /** Name or id of who acted. */
  readonly actor: string | null;
  /** Id of what it was done to. */
  readonly target: string | null;
}

const KINDS: readonly AuditRow["actor"]["kind"][] = ["human", "workflow", "token", "tool"];
const order: readonly Sorted[] = [
  { column: "created_at", descending: true },
  { column: "id", descending: true },
];

/** Lists audit events, newest first. Old ones are loaded, a month after the other, until there are enough. */
export async function listAudit(
  { database, history, asOf }: Snapshot,
  asked: AuditAsked,
): Promise<Told<DistAuditResultV1> | Refused> {
  const unknown = checkApp(database, asked.app);
  if (unknown !== null) return unknown;
  const page = readPage(asked, order);
  if (isRefused(page)) return page;
  const conditions = [
    ...equals("app", asked.app),
    ...equals("action", asked.action),
    ...equals("target_id", asked.target),
    ...(asked.actor === null ? [] : [{ sql: "actor_name = ? OR actor_id = ?", values: [asked.actor, asked.actor] }]),
    ...afterKey(order, page.after),
  ];
  const { sql, values } = clauses(conditions, order);
  const events = () => ask(database, `SELECT * FROM audit_events ${sql}`, values, page.limit);
  const [before = null] = page.after ?? [];
  let found = events();
  while (!found.more && (await history.loadMonth(before))) found = events();
  const last = found.rows.at(-1);
  return {
    result: {
      schema: "dist-audit-result.v1",
      events: found.rows.map(eventRow),
      next_cursor: found.more && last ? cursorOf([last.text("created_at"), last.text("id")]) : null,
      as_of: asOfTips(asOf),
    },
    warnings: [],
  };
}

function eventRow(row: Row): AuditRow {
  return {
    id: row.text("id"),
    created_at: row.text("created_at"),
    action: row.text("action"),
    target_type: row.text("target_type"),
    target_id: row.text("target_id"),
    app: row.textOrNull("app"),
    actor: {
      kind: row.oneOf("actor_kind", KINDS),
      name: row.text("actor_name"),
      id: row.text("actor_id"),
      verified: row.integer("actor_verified") === 1,
    },
    request_id: row.text("request_id"),
  };
}
