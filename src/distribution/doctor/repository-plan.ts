import { resolveGovernance } from "../../gate/core/requirement.ts";
import { DECISIONS } from "../../state/branches.ts";
import { onForge } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

const SIGN =
  "waybill gate open policy, with governance.proof signed: signatures need no rules; or a public repository, or a paid plan";

/** The repository can be written to, and its plan enforces rules. */
export const repositoryPlan: DoctorCheck = onForge({
  id: "repository.plan",
  title: "The repository is not archived, and its plan enforces rules on branches",
  async run(forge, { history }) {
    const { isArchived, visibility } = await forge.repository();
    const archived = isArchived
      ? [
          fail(
            "The repository is archived, so nothing can be published or decided",
            `Unarchive it: ${forge.url}/settings`,
          ),
        ]
      : [];
    const rules = await forge.rules(DECISIONS);
    if ("said" in rules || rules.unsaid !== "plan") return archived;
    const proof = resolveGovernance((await history()).decisions.policy.document).proof;
    const message = `Its plan enforces no rules on branches of a ${visibility} repository: whoever may push can rewind them`;
    if (proof === "signed")
      return [...archived, warn(`${message}; signatures hold all the same`, "A public repository, or a paid plan")];
    return [...archived, fail(`${message}, and can write what grade ${proof} believes`, SIGN)];
  },
});
