import { printCanonical } from "../../kernel/canonical-json.ts";
import type { Oid } from "../../kernel/oid.ts";
import { msOf } from "../../kernel/time.ts";
import type { DecisionEvidenceV1, PolicyV1 } from "../../schema/types.gen.ts";
import type { UncountedApproval } from "./approvals.ts";
import { type BundleSigner, findAttestor } from "./attested.ts";
import type { CountedApproval } from "./decisions.ts";
import type { HeadData } from "./merge-data.ts";
import { own, type Requirement } from "./requirement.ts";
import { EVIDENCE_NAMESPACE } from "./ssh/sshsig.ts";
import type { Testimony } from "./testimony.ts";

/** What evidence must be about to count: this merge, these bytes, this repository. */
export interface EvidenceOf {
  readonly repoId: string;
  readonly merge: Oid;
  readonly path: string;
  readonly sha256: string;
  readonly head: HeadData;
  readonly policy: PolicyV1;
  readonly requirement: Requirement;
  /** People who asked as the decision and its signatures say. */
  readonly asked: readonly string[];
  /** Who signed the bundle of the evidence, where it has one. */
  readonly bundleBy?: BundleSigner | null;
}

/**
 * Reads what a forge said at a merge from its evidence, and holds each approval against the rule once more: people of the rule by
 * account id, on a commit of the merged head, before the merge. Undefined where the evidence is of another merge, other bytes or
 * another repository, or where policy asks for an attestor's signature and there is none: such evidence neither proves nor disproves.
 */
export function evidenceTestimony(evidence: DecisionEvidenceV1 | null, about: EvidenceOf): Testimony | undefined {
  if (evidence === null || evidence.merge !== about.merge || evidence.decision_sha256 !== about.sha256)
    return undefined;
  if (evidence.path !== about.path || evidence.repo_id !== about.repoId) return undefined;
  const attestor = attestorFor(evidence, about);
  const grade = attestor === null ? "recorded" : "attested";
  if (grade === "recorded" && about.requirement.proof !== "recorded") return undefined;
  const approvals: CountedApproval[] = [];
  const notCounted: UncountedApproval[] = [...(evidence.not_counted ?? [])];
  for (const approval of evidence.approvals) {
    const { person, id, method } = approval;
    // A signature is read from the decision's own file, whatever evidence says of it.
    if (method === "signature") continue;
    const why = approvalProblem(evidence, approval, about);
    if (why === null) approvals.push({ person, id, method });
    else notCounted.push({ who: person, why });
  }
  const isVerified = evidence.requester_verified === true;
  return {
    grade,
    approvals,
    notCounted,
    requesters: evidence.requesters,
    requesterProblem: isVerified ? null : "nobody vouched for who asked",
    byMerge: [],
    unknown: [],
    mergedAt: evidence.merged_at,
    ...(attestor === null ? {} : { attestor }),
  };
}

function attestorFor(evidence: DecisionEvidenceV1, { policy, bundleBy = null }: EvidenceOf): string | null {
  return findAttestor(evidence, { namespace: EVIDENCE_NAMESPACE, bytes: attestedBytes(evidence), policy, bundleBy });
}

type RecordedApproval = DecisionEvidenceV1["approvals"][number];

function approvalProblem(evidence: DecisionEvidenceV1, approval: RecordedApproval, about: EvidenceOf): string | null {
  const { person, id, method, commit, submitted_at } = approval;
  const account = own(about.policy.people, person)?.github;
  if (account === undefined || String(account.id) !== id) return "is another account than policy.json names";
  if (!about.requirement.approvers.includes(person)) return "is not among the approvers";
  if (submitted_at === null || msOf(submitted_at) > msOf(evidence.merged_at)) return "approved after the merge";
  if (!about.head.commits.some((mine) => mine.commit === commit))
    return `approved ${commit.slice(0, 7)}, an older head`;
  return method === "merge" ? mergeProblem(evidence, approval, about) : null;
}

/** A merge is the approval of who merged and asked, where the rule lets the requester approve. */
function mergeProblem(
  evidence: DecisionEvidenceV1,
  { person, id }: RecordedApproval,
  about: EvidenceOf,
): string | null {
  const hasAsked = evidence.requesters.includes(person) || about.asked.includes(person);
  const hasMerged = evidence.merged_by.verified && evidence.merged_by.id === id;
  return hasAsked && hasMerged && about.requirement.requesterMayApprove ? null : "merged, which is no approval here";
}

/** Bytes that an attestor signs: the canonical print of evidence without its signature and its bundle. */
export function attestedBytes(evidence: DecisionEvidenceV1): Uint8Array {
  const rest = Object.entries(evidence).filter(([name]) => name !== "signature" && name !== "bundle");
  return new TextEncoder().encode(printCanonical(Object.fromEntries(rest)));
}
