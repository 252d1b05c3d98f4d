import { DECISIONS } from "../../state/branches.ts";
import { APPLY, onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { warn } from "./symptoms.ts";

/** Workflows may open pull requests; the same switch lets them approve, which must not be enough for a merge. */
export const actionsPullRequests: DoctorCheck = onForge({
  id: "actions.pull_requests",
  title: "Workflows may open pull requests, and an approval of theirs is not enough to merge one",
  run: (forge) =>
    whereSaid(forge.workflowSettings(), async ({ mayOpenAndApprove }) => {
      if (!mayOpenAndApprove) return [mayNot(forge.url)];
      const rules = await forge.rules(DECISIONS);
      const isOwned = "said" in rules && rules.said.pullRequest?.codeOwnerReview === true;
      return isOwned ? [] : [mayApprove];
    }),
});

function mayNot(url: string): Symptom {
  const fix = `${url}/settings/actions: "Allow GitHub Actions to create and approve pull requests", or use the token of an App`;
  const message =
    "Workflows may not open pull requests: a promotion in CI pushes its branch, exits 3, and a person opens it";
  return warn(message, fix);
}

const mayApprove: Symptom = warn(
  "Workflows may open pull requests and, by the same switch, approve them: for GitHub a bot's approval counts, so a workflow could merge. " +
    "Policy never counts it and the merge is not honoured; but grade recorded believes whoever can write facts",
  `${APPLY} requires review by code owners, which bots are not; grade attested or signed believes no workflow`,
);
