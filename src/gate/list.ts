import type { Act } from "../kernel/act.ts";
import type { GateListResultV1 } from "../schema/types.gen.ts";
import { openState } from "../state/transact.ts";
import type { Reason } from "../kernel/errors.ts";
import type { GateGround } from "./ground.ts";
import { judgeProposal, openHeads } from "./open-proposal.ts";
import { openRow } from "./result-parts.ts";
import { verdictOf } from "./verdict.ts";
import { loadHistory, warningsOf } from "./view.ts";

/** Lists open proposals by code point of id, each with its verdict now. */
export async function listProposals(
  ground: GateGround,
  act: Act,
): Promise<{ readonly result: GateListResultV1; readonly warnings: readonly Reason[] }> {
  const history = await loadHistory(ground);
  const { decisions } = history;
  const facts = await openState(ground);
  const proposals = [];
  for (const [id, head] of await openHeads(ground.store)) {
    // A branch that a crash left behind after the merge is not open; gate sync removes it.
    if (decisions.isUsed(id)) continue;
    const open = await judgeProposal(ground.store, history, { id, head }, act.at);
    const verdict = await verdictOf({ ...ground, facts, decisions }, open);
    proposals.push(openRow(ground.decisionKinds, decisions, { ...open, verdict }));
  }
  return {
    result: { schema: "gate-list-result.v1", decisions: decisions.tip, policy: decisions.policy.commit, proposals },
    warnings: warningsOf(decisions),
  };
}
