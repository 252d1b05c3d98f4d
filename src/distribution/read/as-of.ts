import type { AsOfTips } from "../../schema/types.gen.ts";
import type { AsOf } from "../../state/snapshot/cache.ts";

/** Says as a document which tips an answer is from. */
export function asOfTips({ state, stateAt, decisions, decisionsAt, checkpoint }: AsOf): AsOfTips {
  const vouched = checkpoint && { checkpoint: { made_at: checkpoint.madeAt, expires: checkpoint.expires } };
  return { state, state_at: stateAt, decisions, decisions_at: decisionsAt, ...vouched };
}
