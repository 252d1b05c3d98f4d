import type { AuditEventV1, ChannelListRow, PointerHistoryRow } from "../../schema/types.gen.ts";
import { auditKey } from "../../state/documents.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import type { View } from "../../state/view.ts";
import { ask, type Row } from "./record.ts";
import { NO_PROOF } from "../../state/proof-columns.ts";

/** Moves that one answer shows. */
const MAX_MOVES = 20;

const MOVES = `SELECT id, created_at FROM audit_events WHERE target_id = ? AND target_type = 'channel'
  AND action IN ('channel.promoted', 'channel.rolled_back') ORDER BY created_at DESC, id DESC`;

/**
 * The newest moves of an `auto` channel, from their events: facts, as its pointer is. A walk over the history of the branch would cost
 * what lies between the moves. An event says no reason; that of the present pointer is known.
 */
export async function autoMoves(
  { database, history }: Pick<Snapshot, "database" | "history">,
  facts: View,
  channel: ChannelListRow,
): Promise<readonly PointerHistoryRow[]> {
  const pointer = "SELECT proposal_id, reason FROM channels WHERE app = ? AND name = ?";
  const [present] = ask(database, pointer, [channel.app, channel.name]).rows;
  const moves = () => ask(database, MOVES, [`${channel.app}/${channel.name}`], MAX_MOVES).rows;
  let rows = moves();
  while (rows.length < MAX_MOVES && (await history.loadMonth())) rows = moves();
  const keys = rows.map((row) => auditKey({ id: row.text("id"), created_at: row.text("created_at") }));
  const events = await facts.findAll("audit-event.v1", keys);
  return events.flatMap((event) => (event === undefined ? [] : (moveIn(event, present) ?? [])));
}

function moveIn(event: AuditEventV1, present: Row | undefined): PointerHistoryRow | undefined {
  const { proposal_id: proposal, release_id: release, version, build } = event.metadata;
  if (typeof proposal !== "string" || typeof release !== "string" || typeof version !== "string") return undefined;
  const isPresent = present?.text("proposal_id") === proposal;
  return {
    proposal_id: proposal,
    release_id: release,
    version,
    build: typeof build === "string" ? build : null,
    kind: event.action === "channel.rolled_back" ? "rollback" : "promotion",
    since: event.created_at,
    by: event.actor.name,
    reason: isPresent ? present.text("reason") : "",
    ...NO_PROOF,
  };
}
