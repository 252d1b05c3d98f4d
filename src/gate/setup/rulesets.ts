import type { PullRequestRule, Ruleset } from "../../ports/forge-settings.ts";
import type { PolicyV1 } from "../../schema/types.gen.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import { resolveGovernance } from "../core/requirement.ts";

/** Both branches can only go on; they are never rewound or deleted. */
const KEPT = { refusesForcePush: true, refusesDeletion: true } as const;

/** The rulesets that Waybill wants on a forge, found again by their names. */
export function wantedRulesets(policy: PolicyV1): readonly [decisions: Ruleset, state: Ruleset] {
  return [
    { name: "waybill decisions", branch: DECISIONS, ...KEPT, pullRequest: wantedReviews(policy) },
    { name: "waybill state", branch: STATE, ...KEPT, pullRequest: null },
  ];
}

/**
 * What the forge itself should ask of a pull request into the decisions. It is a second lock: readers count approvals by policy. A person
 * alone cannot review what they open, and a rule that asks for it would lock them out. Where approvals are signatures, a signature is
 * pushed to the pull request, which must neither dismiss a review nor need one more.
 */
export function wantedReviews(policy: PolicyV1): Ruleset["pullRequest"] & PullRequestRule {
  const { approvers, requesterMayApprove, proof } = resolveGovernance(policy);
  const isAlone = approvers.length === 1 && requesterMayApprove;
  const areReviews = !isAlone && proof !== "signed";
  return {
    approvals: isAlone ? 0 : 1,
    codeOwnerReview: !isAlone,
    lastPushApproval: areReviews,
    dismissesStale: areReviews,
    mergeMethods: ["merge"],
  };
}
