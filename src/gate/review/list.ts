import type { Act } from "../../kernel/act.ts";
import type { GateListResultV1, GateOpenProposal } from "../../schema/types.gen.ts";
import { openState } from "../../state/transact.ts";
import type { Reason } from "../../kernel/errors.ts";
import type { GateGround } from "../ground.ts";
import { judgeOpen } from "./judge-open.ts";
import { openProposals } from "./open-list.ts";
import { foreignProposal, type OpenProposal } from "./open-proposal.ts";
import { openRow } from "../result-parts.ts";
import { verdictOf } from "./verdict.ts";
import { loadHistory, warningsOf } from "../view/view.ts";

/** Lists open proposals by code point of id, each with its verdict now, then pull requests that are none. */
export async function listProposals(
  ground: GateGround,
  act: Act,
): Promise<{ readonly result: GateListResultV1; readonly warnings: readonly Reason[] }> {
  const history = await loadHistory(ground);
  const { decisions } = history;
  const facts = await openState(ground);
  const proposals: GateOpenProposal[] = [];
  const { named, foreign, problems } = await openProposals(ground);
  const add = async (open: OpenProposal) => {
    const verdict = await verdictOf({ ...ground, facts, decisions }, open);
    proposals.push(openRow(ground.decisionKinds, decisions, { ...open, verdict }));
  };
  for (const one of named) {
    // A branch that a crash left behind after the merge is not open; gate sync removes it.
    if (!decisions.isUsed(one.id)) await add(await judgeOpen(ground, history, one, act));
  }
  for (const pull of foreign) await add(foreignProposal(pull));
  return {
    result: { schema: "gate-list-result.v1", decisions: decisions.tip, policy: decisions.policy.commit, proposals },
    warnings: [...warningsOf(decisions), ...problems],
  };
}
