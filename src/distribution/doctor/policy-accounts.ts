import { own, resolveGovernance } from "../../gate/core/requirement.ts";
import { onForge } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { warn } from "./symptoms.ts";

/** Whoever approves on GitHub has an account in policy, where an approval need not be a signature. */
export const policyAccounts: DoctorCheck = onForge({
  id: "policy.accounts",
  title: "Policy knows the GitHub account of everyone whose review should count",
  async run(_forge, { history }) {
    const policy = (await history()).decisions.policy.document;
    const { approvers, proof } = resolveGovernance(policy);
    if (proof === "signed") return [];
    return approvers
      .filter((name) => own(policy.people, name)?.github === undefined)
      .map((name) =>
        warn(
          `${name} has no GitHub account in policy, so no review of theirs counts, only signatures`,
          `waybill gate open policy --add-approver ${name}=@<login> --reason <why>`,
        ),
      );
  },
});
