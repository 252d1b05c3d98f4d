import { printable } from "../kernel/text.ts";
import type { DecisionEvidenceV1, DocumentActor, StateV1 } from "../schema/types.gen.ts";
import { ToolError } from "../kernel/errors.ts";
import type { Decision } from "./core/decisions.ts";

/** Makes the evidence of a decision from history alone, so that every machine makes the same. */
export function evidenceOf(decision: Decision, kind: string, state: StateV1 | undefined): DecisionEvidenceV1 {
  const { proof } = decision;
  if (proof === null || decision.grade === null || state === undefined)
    throw new ToolError("internal.bug", `Evidence of ${decision.path} without a merge or a state.json`);
  return {
    schema: "decision-evidence.v1",
    repo_id: state.repo_id,
    forge_repository_id: state.forge_repository_id,
    proposal_id: decision.proposalId,
    kind,
    pull_request: null,
    base: proof.base,
    head: proof.head,
    merge: decision.commit,
    path: decision.path,
    decision_sha256: decision.sha256,
    merged_at: decision.mergedAt,
    merged_by: committerOf(proof.mergedBy),
    approvals: proof.approvals.map(({ person, id, method }) => ({
      person,
      id,
      login: null,
      method,
      commit: proof.head,
      submitted_at: null,
    })),
    requesters: proof.requesters,
    rules: proof.rules.map(({ rule, status, message }) => ({ rule, status, message: printable(message, 1000) })),
    policy_sha256: proof.policySha256,
    grade: decision.grade,
    self_approved: decision.selfApproved,
  };
}

/** Tells whether evidence is about this merge of these bytes. */
export function isSameEvidence(evidence: DecisionEvidenceV1, decision: Decision): boolean {
  return (
    evidence.merge === decision.commit &&
    evidence.decision_sha256 === decision.sha256 &&
    evidence.path === decision.path &&
    evidence.grade === decision.grade &&
    evidence.approvals.map(({ person }) => person).join() === decision.approvers.join()
  );
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
