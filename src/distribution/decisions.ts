import type { AnyDecisionKind } from "../gate/decision-kind.ts";
import { channelDecision } from "./channel-decision.ts";
import { yankDecision } from "./yank-decision.ts";

/** Decisions of the distribution plane. */
export const distributionDecisions: readonly AnyDecisionKind[] = [channelDecision, yankDecision];
