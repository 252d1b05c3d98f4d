import type { PolicyV1 } from "../../schema/types.gen.ts";
import { resolveGovernance } from "./requirement.ts";

/**
 * Says why a policy could never be changed again; null where it could. Somebody must be able to ask, and enough others to approve it:
 * a policy in force that asks more stays for ever, so it is not proposed.
 */
export function lockProblem(policy: PolicyV1): string | null {
  const { approvers, minApprovals, requesterMayApprove, proof } = resolveGovernance(policy);
  const people = Object.entries(policy.people);
  // A review proves nothing where policy wants signatures, or evidence that nobody may sign.
  const isByKeyAlone = proof === "signed" || (proof === "attested" && Object.keys(policy.attestors).length === 0);
  const able = people
    .filter(([, { keys, github }]) => keys.length > 0 || (github !== undefined && !isByKeyAlone))
    .map(([name]) => name);
  const approving = approvers.filter((name) => able.includes(name));
  const most = Math.max(
    0,
    ...able.map((asker) => approving.filter((name) => requesterMayApprove || name !== asker).length),
  );
  if (most >= minApprovals) return null;
  const missing = approvers.filter((name) => !approving.includes(name));
  const keyless =
    missing.length === 0 ? "" : `; ${missing.join(", ")} ${missing.length === 1 ? "has" : "have"} no key for it`;
  const asking = requesterMayApprove ? "" : "; who asks does not count";
  return `governance asks ${minApprovals} approvals (${proof}), and at most ${most} could be given${asking}${keyless}`;
}
