import { type Refused, reason, refuse } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Decisions } from "../../gate/core/decisions.ts";
import { channelsOf } from "../../gate/core/requirement.ts";
import { loadDecisions } from "../../gate/view/view.ts";
import type { Database } from "../../ports/sql.ts";
import type { ChannelListRow, DistChannelShowResultV1, PointerHistoryRow } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { openState } from "../../state/transact.ts";
import { gatedHistory } from "../pointers.ts";
import { referenceOf } from "../core/release-path.ts";
import { shownProof } from "../../state/proof-columns.ts";
import { asOfTips } from "./as-of.ts";
import { autoMoves } from "./auto-moves.ts";
import { channelRows, unpointedRow } from "./channel-rows.ts";
import { checkApp, unknownName } from "./names.ts";
import { openPointers, type ProposalsGround } from "./open-proposals.ts";
import { ask } from "./record.ts";
import type { Told } from "./told.ts";
import { unhonouredWarnings } from "./unhonoured.ts";

/**
 * Shows a channel: its pointer, its rules, what waits, and what a gated one pointed at before. Refuses with `release.digest_mismatch`
 * where the release is not the one that it was pointed at. A channel that policy names may have no release yet.
 */
export async function showChannel(
  { database, history, asOf }: Snapshot,
  on: ProposalsGround,
  app: string,
  name: string,
): Promise<Told<DistChannelShowResultV1> | Refused> {
  const unknown = checkApp(database, app);
  if (unknown !== null) return unknown;
  const open = await openPointers(on);
  const decisions = asOf.decisions === null ? null : await loadDecisions(await on.openGround(), { at: asOf.decisions });
  const [known] = channelRows(database, { app, name }, open);
  const channel = known ?? namedByPolicy(database, decisions, app, name);
  if (channel === undefined) return noSuchChannel(database, decisions, app, name);
  if (channel.problem !== null) return refusedRelease(database, channel);
  return {
    result: {
      schema: "dist-channel-show-result.v1",
      channel,
      history:
        channel.mode === "gated" && decisions !== null
          ? gatedMoves(decisions, app, name)
          : await autoMoves({ database, history }, await openState(await on.openGround(), asOf.state), channel),
      as_of: asOfTips(asOf),
    },
    warnings: [...unhonouredWarnings(database), ...open.warnings],
  };
}

function namedByPolicy(
  database: Database,
  decisions: Decisions | null,
  app: string,
  name: string,
): ChannelListRow | undefined {
  const policy = decisions?.policy.document;
  if (policy === undefined || !channelsOf(policy, app).includes(name)) return undefined;
  return unpointedRow(database, policy, { app, name }, []);
}

function gatedMoves(decisions: Decisions, app: string, name: string): readonly PointerHistoryRow[] {
  return gatedHistory(decisions, app, name).map((decision) => ({
    proposal_id: decision.document.proposal_id,
    release_id: decision.document.release_id,
    version: decision.document.version,
    build: decision.document.build,
    kind: decision.document.kind,
    since: decision.mergedAt,
    by: decision.document.requested_by.name,
    reason: decision.document.reason,
    ...shownProof(decision),
  }));
}

function noSuchChannel(database: Database, decisions: Decisions | null, app: string, name: string): Refused {
  const { rows } = ask(database, "SELECT name FROM channels WHERE app = ? ORDER BY name", [app]);
  const policy = decisions?.policy.document;
  const known = [...rows.map((row) => row.text("name")), ...(policy === undefined ? [] : channelsOf(policy, app))];
  const message = `${app} has no channel ${printable(name)}`;
  return refuse(unknownName("channel.not_found", message, name, known, `dist channel list --app ${app}`));
}

function refusedRelease(database: Database, channel: ChannelListRow): Refused {
  const { app, name, version, build, problem } = channel;
  const sql = `SELECT c.release_digest, c.proposal_id, r.sha256 FROM channels c
    LEFT JOIN releases r ON r.app = c.app AND r.id = c.release_id AND r.version = c.version AND r.build IS c.build WHERE c.app = ? AND c.name = ?`;
  const [row] = ask(database, sql, [app, name]).rows;
  const what = referenceOf(app, { version: version ?? "", build });
  const message =
    problem === "release.not_found"
      ? `${app}/${name} was pointed at ${what}, which is not here`
      : `The document of ${what} is not the one that ${name} was pointed at`;
  const data = {
    release_id: channel.current_release_id,
    expected: row?.text("release_digest") ?? "",
    expected_at: row?.text("proposal_id") ?? "",
    found: row?.textOrNull("sha256") ?? "nothing",
  };
  return refuse(reason(problem ?? "release.not_found", message, data, "waybill state verify"));
}
