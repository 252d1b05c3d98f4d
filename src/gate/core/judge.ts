import { sha256Hex } from "../../kernel/digest.ts";
import { isRefused } from "../../kernel/errors.ts";
import { type Approvals, countApprovals } from "./approvals.ts";
import type { Condition, Decision, Decisions } from "./decisions.ts";
import { type DecisionHeader, headerOf } from "./header.ts";
import type { MergeData } from "./merge-data.ts";
import { type Proof, proofOf } from "./proof.ts";
import type { Requirement } from "./requirement.ts";
import { type FoldOn, type Shaped, shapeOf } from "./shape.ts";
import type { RuleResult } from "./verdict.ts";

/** What policy says of one merge, done or only thought of. */
export interface Judgement {
  readonly rules: readonly RuleResult[];
  /** The decision that it brings into force; null where it does not conform. */
  readonly decision: Decision | null;
  /** The same, whether it conforms or not; null where its form is wrong. */
  readonly considered: Decision | null;
  /** The first condition that it breaks; null where it conforms. */
  readonly condition: Condition | null;
  /** True where nothing but its proof is missing, and the proof may still come. */
  readonly pending: boolean;
  readonly proposalId: string | null;
  readonly subject: Subject | null;
}

/** The document of a merge whose form is right, with who has approved it. */
export interface Subject extends Shaped {
  readonly header: DecisionHeader;
  readonly approvals: Approvals;
  readonly requirement: Requirement;
}

/**
 * Judges a merge against the view before it. Pure: from the same history everyone comes to the same answer, years later too.
 * A verdict asks it about a merge that is not made yet.
 */
export function judge(on: FoldOn, before: Decisions, merge: MergeData): Judgement {
  const shaped = shapeOf(on, merge);
  if (isRefused(shaped)) return unshaped(shaped.refused[0].message);
  const header = headerOf(shaped.document);
  if (header === undefined) return unshaped(`${shaped.path} has no decision header`);
  const requirement = shaped.kind.requirement(shaped.document, before);
  const policy = before.policy.document;
  const signed = countApprovals({ ...shaped, policy, requirement, requestedBy: header.requested_by });
  const proof = proofOf(before, merge, { ...shaped, header, approvals: signed, requirement });
  const { approvals } = proof;
  const at = [merge.at, before.at, proof.mergedAt ?? ""].reduce((a, b) => (a > b ? a : b));
  const rules = [
    { rule: "shape", status: "ok", message: shaped.path } as const,
    baseRow(before, shaped.path, header),
    ...shaped.kind.rules(shaped.document, before, at, { verified: proof.requesterMayBeVerified }),
    ...proof.rows,
  ];
  const condition = conditionOf(rules, approvals);
  const considered = decisionOf(before, merge, { shaped, header, at, proof, rules });
  return {
    rules,
    condition,
    pending: condition === "proof",
    proposalId: header.proposal_id,
    subject: { ...shaped, header, approvals, requirement },
    decision: condition === null ? considered : null,
    considered,
  };
}

function unshaped(message: string): Judgement {
  return withoutDecision({ rule: "shape", status: "refuse", message });
}

/** The judgement of something of which no decision can be read. */
export function withoutDecision(row: RuleResult): Judgement {
  return {
    rules: [row],
    decision: null,
    considered: null,
    condition: "shape",
    pending: false,
    proposalId: null,
    subject: null,
  };
}

/** The header fits the view: this repository, a new proposal id, from the decision in force, in place of what stands on the tip. */
function baseRow(before: Decisions, path: string, header: DecisionHeader): RuleResult {
  const problem = baseProblem(before, path, header);
  const from = header.from === null ? "the first decision of its path" : `from ${header.from.proposal_id}`;
  return { rule: "base", status: problem === null ? "ok" : "refuse", message: problem ?? from };
}

function baseProblem(before: Decisions, path: string, header: DecisionHeader): string | null {
  if (header.repo_id !== before.policy.document.repo_id) return `it is of another repository, ${header.repo_id}`;
  if (before.isUsed(header.proposal_id)) return `${header.proposal_id} was used before; a proposal is merged once`;
  const inForce = before.find(path);
  const from = header.from?.proposal_id;
  // First: whoever can push may let something stand on the tip under the very id that is in force, and it must be replaceable.
  if (from === inForce?.proposalId)
    return standingProblem(before.standing(path)?.proposalId ?? undefined, header.replaces);
  const isLate = inForce !== undefined && replacesLate(header, inForce) && from === fromOf(inForce);
  return isLate ? null : outdated(inForce?.proposalId);
}

function standingProblem(standing: string | undefined, replaces: string | undefined): string | null {
  if (replaces === standing) return null;
  return standing === undefined
    ? "it replaces something that does not stand on the tip"
    : `${standing} stands on the tip and does not count; a proposal says that it replaces it`;
}

/** Evidence that came late may bring a merge into force after a later decision has taken its place. */
function replacesLate(header: DecisionHeader, inForce: Decision): boolean {
  return header.replaces === inForce.proposalId && inForce.grade !== "signed";
}

function fromOf(decision: Decision): string | undefined {
  return headerOf(decision.document)?.from?.proposal_id;
}

function outdated(inForce: string | undefined): string {
  return `it was made from another decision than ${inForce ?? "none"}, which is in force now`;
}

function conditionOf(rules: readonly RuleResult[], approvals: Approvals): Condition | null {
  const broken = rules.find(({ status }) => status !== "ok");
  switch (broken?.rule) {
    case undefined:
      return null;
    case "shape":
    case "base":
      return "shape";
    case "approvals":
      if (broken?.status === "unknown") return "proof";
      return approvals.selfOnly ? "self_approved" : "approvals";
    case "freeze":
      return "freeze";
    case "proof":
      return "proof";
    default:
      return "policy";
  }
}

function decisionOf(
  before: Decisions,
  merge: MergeData,
  on: {
    readonly shaped: Shaped;
    readonly header: DecisionHeader;
    readonly at: string;
    readonly proof: Proof;
    readonly rules: readonly RuleResult[];
  },
): Decision {
  const { shaped, proof } = on;
  const { approvals } = proof;
  const counted = proof.grade === null ? [] : approvals.counted;
  return {
    path: shaped.path,
    proposalId: on.header.proposal_id,
    document: shaped.document,
    sha256: sha256Hex(shaped.bytes),
    commit: merge.commit,
    mergedAt: on.at,
    grade: proof.grade,
    ...(proof.grade === null || proof.attestor === undefined ? {} : { attestor: proof.attestor }),
    approvers: counted.map(({ person }) => person),
    selfApproved: proof.grade !== null && approvals.selfApproved,
    proof: {
      base: shaped.head.base,
      head: shaped.head.head,
      mergedBy: merge.committer,
      approvals: approvals.counted,
      requesters: approvals.requesters,
      requesterVerified: approvals.requesterVerified,
      rules: on.rules,
      policySha256: before.policy.sha256,
    },
  };
}
