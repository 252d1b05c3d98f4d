import { resolveGovernance } from "../../gate/core/requirement.ts";
import { wantedReviews } from "../../gate/setup/rulesets.ts";
import type { BranchRules, PullRequestRule } from "../../ports/forge-settings.ts";
import { DECISIONS } from "../../state/branches.ts";
import { APPLY, lacking, onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { warn } from "./symptoms.ts";

const UNREVIEWED = "the web page lets people merge what policy does not, which is then not honoured and in the way";
const NONE: PullRequestRule = {
  approvals: 0,
  codeOwnerReview: false,
  lastPushApproval: false,
  dismissesStale: false,
  mergeMethods: null,
};

/** GitHub asks for the reviews that policy counts, no fewer, and none that would keep people from deciding. */
export const decisionsReview: DoctorCheck = onForge({
  id: "decisions.review",
  title: `A pull request into ${DECISIONS} needs the reviews that policy counts`,
  run: (forge, { history }) =>
    whereSaid(forge.rules(DECISIONS), async (rules) => {
      const policy = (await history()).decisions.policy.document;
      const wanted = wantedReviews(policy);
      return [
        ...lacking(rules, missing(rules, wanted)),
        ...inTheWay(rules, wanted, resolveGovernance(policy).proof === "signed"),
      ];
    }),
});

function missing({ pullRequest }: BranchRules, wanted: PullRequestRule): readonly Symptom[] {
  const is = pullRequest ?? NONE;
  return [
    ...(is.approvals < wanted.approvals
      ? [`No approval is required (required_approving_review_count): ${UNREVIEWED}`]
      : []),
    ...(wanted.codeOwnerReview && !is.codeOwnerReview
      ? [`Any writer's or bot's approval is enough (require_code_owner_review is off): ${UNREVIEWED}`]
      : []),
    ...(wanted.dismissesStale && !is.dismissesStale
      ? [`An approval stays after another commit (dismiss_stale_reviews_on_push is off): ${UNREVIEWED}`]
      : []),
    ...(wanted.lastPushApproval && !is.lastPushApproval
      ? [`Who pushed last may be the only approver (require_last_push_approval is off): ${UNREVIEWED}`]
      : []),
  ].map((message) => warn(message, APPLY));
}

function inTheWay({ pullRequest }: BranchRules, wanted: PullRequestRule, isSigned: boolean): readonly Symptom[] {
  const is = pullRequest ?? NONE;
  const isAlone = wanted.approvals === 0;
  return [
    ...(isAlone && (is.approvals > 0 || is.codeOwnerReview)
      ? [warn("A review is required, and the only approver cannot review what they open themselves", APPLY)]
      : []),
    ...(isSigned && is.dismissesStale
      ? [warn("A signature is a commit, and every commit dismisses the reviews before it", "Sign first, review last")]
      : []),
  ];
}
