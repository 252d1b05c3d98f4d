import type { DecisionEvidenceV1, Grade, PolicyV1 } from "../../../src/schema/types.gen.ts";
import { canonical, fits, parseExact } from "./canonical.ts";
import { type NaiveHistory, type NaiveView, sha256 } from "./history.ts";
import type { NaiveRule } from "./policy.ts";
import { policyOf } from "./rules.ts";
import type { NaiveShape } from "./shape.ts";
import { signaturesOver } from "./sshsig.ts";

/** Who asked and who said yes, and how believable that is. */
export interface NaiveProof {
  readonly grade: Grade;
  readonly requesters: readonly string[];
  /** All who said yes, allowed or not. */
  readonly people: readonly string[];
  /** Whether a person is known to have asked. */
  readonly isAsked: boolean;
  readonly approvers: readonly string[];
  readonly selfApproved: boolean;
  readonly isEnough: boolean;
  /** Whether it would be enough if requesters could approve. */
  readonly wouldBeEnough: boolean;
  /** Whether evidence may still prove what this does not. */
  readonly mayCome: boolean;
  /** When the forge says that it was merged; 0 without a forge. */
  readonly seconds: number;
}

/** What signatures in the `.sig` prove: a clone of decisions is enough (grade `signed`). */
export function signedProof(
  { document: policy }: { document: PolicyV1 },
  shape: NaiveShape,
  rule: NaiveRule,
): NaiveProof {
  const people = (namespace: string) =>
    signaturesOver(shape.signatures, shape.bytes)
      .filter((signature) => signature.namespace === namespace)
      .flatMap(({ key }) => ownersOf(policy, key));
  const asked = people("waybill-request-v1");
  const by = shape.document.requested_by;
  // How `requested_by` names a person is not said: here by name, or by the number of the account.
  const named = Object.keys(policy.people).filter(
    (name) => name === by.name || name === by.id || by.id === String(policy.people[name]?.github?.id),
  );
  return proofOf("signed", rule, people("waybill-decision-v1"), [...asked, ...named], asked.length > 0, 0);
}

/** What evidence adds: reviews by account, and who asked (sections 6 and 7). */
export function recordedProof(
  view: NaiveView,
  shape: NaiveShape,
  rule: NaiveRule,
  signed: NaiveProof,
  evidence: DecisionEvidenceV1,
): NaiveProof {
  const { document: policy } = policyOf(view);
  const requesters = [...signed.requesters, ...evidence.requesters];
  const reviews = evidence.approvals.filter(({ person, id, method, commit, submitted_at }) => {
    if (policy.people[person]?.github?.id.toString() !== id || method === "signature") return false;
    const isOwnMerge = rule.requesterMayApprove && requesters.includes(person);
    if (method === "merge" && !(isOwnMerge && evidence.merged_by.verified && evidence.merged_by.id === id))
      return false;
    if (submitted_at === null || Date.parse(submitted_at) > Date.parse(evidence.merged_at)) return false;
    return shape.commits.includes(commit);
  });
  const { signature, ...rest } = evidence;
  const attestors = Object.values(policy.attestors).map(({ key }) => key);
  const isAttested = signaturesOver(Buffer.from(signature ?? ""), Buffer.from(canonical(rest))).some(
    ({ key, namespace }) => namespace === "waybill-evidence-v1" && attestors.includes(key),
  );
  return proofOf(
    isAttested ? "attested" : "recorded",
    rule,
    [...signed.people, ...reviews.map(({ person }) => person)],
    requesters,
    signed.isAsked || evidence.requester_verified === true,
    Date.parse(evidence.merged_at) / 1000,
  );
}

/** Evidence that counts: for this merge commit and these bytes only (section 6), of this repository. The merge names base and head. */
export function evidenceOf(
  history: NaiveHistory,
  view: NaiveView,
  shape: NaiveShape,
  merge: string,
): DecisionEvidenceV1 | undefined {
  const bytes = history.evidence.get(shape.document.proposal_id);
  const evidence = bytes === undefined ? undefined : fits("decision-evidence.v1", parseExact(bytes));
  if (evidence === undefined) return undefined;
  const counts =
    evidence.repo_id === view.repoId &&
    evidence.proposal_id === shape.document.proposal_id &&
    evidence.merge === merge &&
    evidence.path === shape.path &&
    evidence.forge_repository_id === history.forgeRepositoryId &&
    evidence.decision_sha256 === sha256(shape.bytes);
  return counts ? evidence : undefined;
}

/** Counts approvals: people of the rule, once each, requesters only where the rule lets them; an unverified requester costs one more. */
function proofOf(
  grade: Grade,
  rule: NaiveRule,
  people: readonly string[],
  requesters: readonly string[],
  isAsked: boolean,
  seconds: number,
): NaiveProof {
  const allowed = [...new Set(people)].filter((person) => rule.approvers.includes(person)).toSorted();
  const approvers = allowed.filter((person) => rule.requesterMayApprove || !requesters.includes(person));
  const needed = rule.min + (isAsked ? 0 : 1);
  return {
    grade,
    requesters,
    people,
    isAsked,
    approvers,
    // Printed where the number is reached only with a requester's own approval.
    selfApproved:
      approvers.length >= needed && approvers.filter((person) => !requesters.includes(person)).length < needed,
    mayCome: false,
    isEnough: approvers.length >= needed,
    wouldBeEnough: allowed.length >= needed,
    seconds,
  };
}

/** People of a policy who have a key. */
function ownersOf(policy: PolicyV1, key: string): readonly string[] {
  return Object.keys(policy.people).filter((name) => policy.people[name]?.keys.includes(key));
}
