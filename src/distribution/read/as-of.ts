import type { Decisions } from "../../gate/core/decisions.ts";
import type { GateGround } from "../../gate/ground.ts";
import type { AsOfTips } from "../../schema/types.gen.ts";
import type { AsOf } from "../../state/snapshot/cache.ts";
import type { View } from "../../state/view.ts";

/** Says as a document which tips an answer is from. */
export function asOfTips({ state, stateAt, decisions, decisionsAt, checkpoint }: AsOf): AsOfTips {
  const vouched = checkpoint && { checkpoint: { made_at: checkpoint.madeAt, expires: checkpoint.expires } };
  return { state, state_at: stateAt, decisions, decisions_at: decisionsAt, ...vouched };
}

/** The same for a command that reads the branches themselves. */
export async function asOfView(ground: GateGround, facts: View, decisions: Decisions): Promise<AsOfTips> {
  const { vouchedFor } = await import("../../gate/upkeep/checkpoint.ts");
  const [state, decided] = await Promise.all([ground.store.commit(facts.at), ground.store.commit(decisions.tip)]);
  return asOfTips({
    state: facts.at,
    stateAt: state.at,
    decisions: decisions.tip,
    decisionsAt: decided.at,
    root: decisions.root,
    checkpoint: await vouchedFor(ground, decisions, facts.at),
  });
}
