import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Account, ForgeAnswers } from "../../ports/forge.ts";
import type { Signer } from "../../ports/signer.ts";
import type { DecisionEvidenceV1, DocumentActor, StateV1 } from "../../schema/types.gen.ts";
import type { UncountedApproval } from "../core/approvals.ts";
import type { Decision } from "../core/decisions.ts";
import { attestedBytes } from "../core/evidence.ts";
import { EVIDENCE_NAMESPACE } from "../core/ssh/sshsig.ts";

/** Most approvals that did not count of which evidence keeps the reason. */
const MAX_UNCOUNTED = 50;

/** What a forge says of the merge of a decision, besides who approved it. */
export interface MergedPull {
  readonly number: number;
  readonly merged: NonNullable<ForgeAnswers["merged"]>;
}

/**
 * Makes the evidence of a merge from history, and from what the forge said where there is one: so that every machine makes the same.
 * A decision without a grade is one whose approvals did not suffice; its evidence says so.
 */
export function evidenceOf(
  decision: Decision,
  kind: string,
  state: StateV1 | undefined,
  pull: MergedPull | null = null,
  notCounted: readonly UncountedApproval[] = [],
): DecisionEvidenceV1 {
  const { proof } = decision;
  if (proof === null || state === undefined)
    throw new ToolError("internal.bug", `Evidence of ${decision.path} without a merge or a state.json`);
  return {
    schema: "decision-evidence.v1",
    repo_id: state.repo_id,
    forge_repository_id: state.forge_repository_id,
    proposal_id: decision.proposalId,
    kind,
    pull_request: pull?.number ?? null,
    base: proof.base,
    head: proof.head,
    merge: decision.commit,
    path: decision.path,
    decision_sha256: decision.sha256,
    merged_at: pull?.merged.at ?? decision.mergedAt,
    merged_by: mergerOf(pull) ?? committerOf(proof.mergedBy),
    approvals: proof.approvals.map(({ person, id, method, said }) => ({
      person,
      id,
      login: said === undefined ? null : printable(said.login),
      method,
      commit: said?.commit ?? proof.head,
      submitted_at: said?.submittedAt ?? null,
    })),
    ...(notCounted.length === 0 ? {} : { not_counted: notCounted.slice(0, MAX_UNCOUNTED).map(uncountedPart) }),
    requesters: proof.requesters,
    requester_verified: proof.requesterVerified,
    rules: proof.rules.map(({ rule, status, message }) => ({ rule, status, message: printable(message, 1000) })),
    policy_sha256: proof.policySha256,
    grade: decision.grade ?? "recorded",
    self_approved: decision.selfApproved,
  };
}

/** Signs evidence as an attestor, which makes it worth as much as the key is kept. */
export async function attest(evidence: DecisionEvidenceV1, attestor: Signer): Promise<DecisionEvidenceV1> {
  const graded = asAttested(evidence);
  return { ...graded, signature: await attestor.sign(EVIDENCE_NAMESPACE, attestedBytes(graded)) };
}

/** Gives evidence the grade that it has once an attestor vouches for it: these are the bytes to sign. */
export function asAttested(evidence: DecisionEvidenceV1): DecisionEvidenceV1 {
  return evidence.grade === "recorded" ? { ...evidence, grade: "attested" } : evidence;
}

/** Tells whether evidence is about this merge of these bytes, and names who approved it. */
export function isSameEvidence(evidence: DecisionEvidenceV1, decision: Decision): boolean {
  return (
    evidence.merge === decision.commit &&
    evidence.decision_sha256 === decision.sha256 &&
    evidence.path === decision.path &&
    evidence.grade === decision.grade &&
    evidence.approvals.map(({ person }) => person).join() === decision.approvers.join()
  );
}

/** Tells whether two pieces of evidence say the same of what a forge knows; names and words may differ. */
export function saysTheSame(one: DecisionEvidenceV1, other: DecisionEvidenceV1): boolean {
  return essenceOf(one) === essenceOf(other);
}

function essenceOf(evidence: DecisionEvidenceV1): string {
  const { merge, decision_sha256, path, head, pull_request, merged_at, merged_by, requester_verified } = evidence;
  const approvals = evidence.approvals.map(({ person, id, method, commit }) => `${person} ${id} ${method} ${commit}`);
  const plain = [
    merge,
    decision_sha256,
    path,
    head,
    pull_request,
    merged_at,
    merged_by.id,
    requester_verified === true,
  ];
  return JSON.stringify([plain, approvals.toSorted(), evidence.requesters.toSorted()]);
}

function uncountedPart({ who, why }: UncountedApproval): UncountedApproval {
  return { who: printable(who), why: printable(why, 300) };
}

function mergerOf(pull: MergedPull | null): DocumentActor | null {
  if (pull === null) return null;
  const { by } = pull.merged;
  return by === null ? { kind: "tool", name: "a deleted account", id: "unknown", verified: false } : actorOf(by);
}

function actorOf({ id, login, kind }: Account): DocumentActor {
  return { kind: kind === "user" ? "human" : "tool", name: printable(login), id: String(id), verified: true };
}

/** A git committer says of itself who it is. */
function committerOf(identity: string): DocumentActor {
  const [, name = identity, email = ""] = /^(.*?) ?<([^<>]*)>$/.exec(identity) ?? [];
  return {
    kind: "human",
    name: printable(name.normalize("NFC")),
    id: printable(email.normalize("NFC")),
    verified: false,
  };
}
