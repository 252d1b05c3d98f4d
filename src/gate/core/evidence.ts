import type { DecisionEvidenceV1, PolicyV1 } from "../../schema/types.gen.ts";
import type { CountedApproval } from "./decisions.ts";
import { own, type Requirement } from "./requirement.ts";

/** What evidence must be about to count: this merge, these bytes, this repository. */
export interface EvidenceOf {
  readonly repoId: string;
  readonly merge: string;
  readonly path: string;
  readonly sha256: string;
}

/**
 * Counts the approvals that plain evidence records, for grade `recorded` only: people of the rule by forge id, nobody twice, no
 * one of `requesters` where the rule does not let them. Undefined where the evidence is of another merge, other bytes or another repository.
 */
export function recordedApprovals(
  evidence: DecisionEvidenceV1 | null,
  about: EvidenceOf,
  policy: PolicyV1,
  requirement: Requirement,
  requesters: readonly string[],
): readonly CountedApproval[] | undefined {
  if (evidence === null || evidence.merge !== about.merge || evidence.decision_sha256 !== about.sha256)
    return undefined;
  if (evidence.path !== about.path || evidence.repo_id !== about.repoId) return undefined;
  const counted = new Map<string, CountedApproval>();
  for (const { person, id, method } of evidence.approvals) {
    const account = own(policy.people, person)?.github;
    if (method !== "review" || account === undefined || String(account.id) !== id) continue;
    if (!requirement.approvers.includes(person)) continue;
    if (requesters.includes(person) && !requirement.requesterMayApprove) continue;
    counted.set(person, { person, id, method });
  }
  return [...counted.values()];
}
