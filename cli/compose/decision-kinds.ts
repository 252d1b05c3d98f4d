import { distributionDecisions } from "../../src/distribution/decisions.ts";
import type { AnyDecisionKind } from "../../src/gate/decision-kind.ts";
import { gateDecisions } from "../../src/gate/decisions.ts";

/** Decisions of every plane; they load keys, cron and rules, which a list from a warm snapshot does not need. */
export const decisionKinds: readonly AnyDecisionKind[] = [...gateDecisions, ...distributionDecisions];
