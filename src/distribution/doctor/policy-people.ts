import { channelsOf, type Requirement, resolveChannel, resolveGovernance } from "../../gate/core/requirement.ts";
import type { PolicyV1 } from "../../schema/types.gen.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** A rule of policy by the name that people know it by. */
interface Rule {
  readonly name: string;
  readonly requirement: Requirement;
  readonly fix: string;
}

/** Every rule can be satisfied, and by somebody else than who asks. */
export const policyPeople: DoctorCheck = {
  id: "policy.people",
  title: "Every rule has enough approvers, and nobody approves alone what they asked for",
  async run({ history }) {
    const policy = (await history()).decisions.policy.document;
    return [...alone(policy), ...rulesOf(policy).flatMap(unsatisfiable)];
  },
};

function alone(policy: PolicyV1): readonly Symptom[] {
  const [only, another] = Object.keys(policy.people);
  if (only !== undefined && another === undefined) {
    const message = `Only ${only} may approve, also what ${only} asks for: decisions are self-approved`;
    return [warn(message, "waybill gate open policy --add-approver <name>=<key.pub or @login> --reason <why>")];
  }
  const own = rulesOf(policy).filter(({ requirement }) => requirement.requesterMayApprove);
  return own.map(({ name, fix }) =>
    warn(`${name}: who asks may approve it too, so that a decision can be self-approved`, fix),
  );
}

function unsatisfiable({ name, requirement: { approvers, minApprovals }, fix }: Rule): readonly Symptom[] {
  if (approvers.length >= minApprovals) return [];
  return [fail(`${name}: ${minApprovals} approvals are needed, and ${approvers.length} people may give one`, fix)];
}

/** Governance, and every gated channel that policy names with its rule for going back. */
function rulesOf(policy: PolicyV1): readonly Rule[] {
  const slugs = Object.keys(policy.apps).filter((slug) => typeof policy.apps[slug] === "object");
  const fix = "waybill gate open policy --file policy.json --reason <why>";
  const channels = ["", ...slugs].flatMap((app) =>
    channelsOf(policy, app).flatMap((channel): readonly Rule[] => {
      const { mode, requirement, rollback } = resolveChannel(policy, app, channel);
      const name = `${app} ${channel}`.trim();
      if (mode === "auto") return [];
      return [
        { name, requirement, fix },
        ...(isSame(requirement, rollback) ? [] : [{ name: `${name} rollback`, requirement: rollback, fix }]),
      ];
    }),
  );
  return [{ name: "governance", requirement: resolveGovernance(policy), fix }, ...channels];
}

function isSame(a: Requirement, b: Requirement): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
