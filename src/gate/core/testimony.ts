import { type Approvals, totalsOf, type UncountedApproval } from "./approvals.ts";
import type { CountedApproval } from "./decisions.ts";
import type { Requirement } from "./requirement.ts";

/** What a forge, or evidence of what it said, adds to the history of a proposal: approvals by account, and who asked. */
export interface Testimony {
  readonly grade: "recorded" | "attested";
  /** Attestor of policy that vouches for it; absent where none does. */
  readonly attestor?: string;
  /** Approvals that hold in themselves; those of requesters are left out when they are joined with the signatures. */
  readonly approvals: readonly CountedApproval[];
  readonly notCounted: readonly UncountedApproval[];
  /** People of policy who asked, as accounts say. */
  readonly requesters: readonly string[];
  /** Why the forge does not vouch for who asked; null where it does. */
  readonly requesterProblem: string | null;
  /** Requesters whose own merge would be their approval. */
  readonly byMerge: readonly string[];
  /** What could not be found out and might have counted, one sentence each. */
  readonly unknown: readonly string[];
  /** When the forge says that it was merged; null for an open proposal. */
  readonly mergedAt: string | null;
}

/**
 * Adds what a forge said to the signatures of a decision: approvals add up, a person counts once, and nobody of either requester set
 * counts where the rule does not let requesters approve. Where policy asks for signatures, a forge can only take away.
 */
export function joinApprovals(signed: Approvals, told: Testimony, requirement: Requirement): Approvals {
  const onlySignatures = requirement.proof === "signed";
  const requesters = [...new Set([...signed.requesters, ...told.requesters])].toSorted();
  const isOwn = (person: string) => requesters.includes(person) && !requirement.requesterMayApprove;
  const counted: CountedApproval[] = [];
  const isNew = ({ who, why }: UncountedApproval) =>
    !signed.notCounted.some((known) => known.who === who && known.why === why);
  const notCounted = [...signed.notCounted, ...told.notCounted.filter(isNew)];
  const own = new Set(signed.own);
  for (const approval of [...signed.counted, ...told.approvals]) {
    const { person, method } = approval;
    if (onlySignatures && method !== "signature") notCounted.push({ who: person, why: UNSIGNED });
    else if (isOwn(person)) {
      if (!own.has(person)) notCounted.push({ who: person, why: "requested it" });
      own.add(person);
    } else if (!counted.some((other) => other.person === person)) counted.push(approval);
  }
  const requesterProblem = onlySignatures || signed.requesterVerified ? signed.requesterProblem : told.requesterProblem;
  const unknown = onlySignatures ? [] : told.unknown;
  const { byMerge } = told;
  return totalsOf({ counted, notCounted, own: [...own], requesters, requesterProblem, byMerge, unknown }, requirement);
}

const UNSIGNED = "approved by review, and policy asks for a signature";
