import type { AsOfTips } from "../../schema/types.gen.ts";
import type { AsOf } from "../../state/snapshot/cache.ts";

/** Says as a document which tips an answer is from. */
export function asOfTips({ state, stateAt, decisions, decisionsAt }: AsOf): AsOfTips {
  return { state, state_at: stateAt, decisions, decisions_at: decisionsAt };
}
