import { sha256Hex } from "../../kernel/digest.ts";
import { isRefused } from "../../kernel/errors.ts";
import type { Grade } from "../../schema/types.gen.ts";
import { type Approvals, approvalsRow, countApprovals } from "./approvals.ts";
import type { Condition, CountedApproval, Decision, Decisions } from "./decisions.ts";
import { recordedApprovals } from "./evidence.ts";
import { type DecisionHeader, headerOf } from "./header.ts";
import type { MergeData } from "./merge-data.ts";
import type { Requirement } from "./requirement.ts";
import { type FoldOn, type Shaped, shapeOf } from "./shape.ts";
import type { RuleResult } from "./verdict.ts";

/** What policy says of one merge, done or only thought of. */
export interface Judgement {
  readonly rules: readonly RuleResult[];
  /** The decision that it brings into force; null where it does not conform. */
  readonly decision: Decision | null;
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
  const at = merge.at > before.at ? merge.at : before.at;
  const requirement = shaped.kind.requirement(shaped.document, before);
  const policy = before.policy.document;
  const approvals = countApprovals({ ...shaped, policy, requirement, requestedBy: header.requested_by });
  const proof = proofOf(before, merge, { ...shaped, header, approvals, requirement });
  const rules = [
    { rule: "shape", status: "ok", message: shaped.path } as const,
    baseRow(before, shaped.path, header),
    ...shaped.kind.rules(shaped.document, before, at, { verified: approvals.requesterVerified }),
    ...proof.rows,
  ];
  const condition = conditionOf(rules, approvals);
  const decision =
    condition === null ? decisionOf(before, merge, { shaped, header, approvals, at, proof, rules }) : null;
  return {
    rules,
    condition,
    pending: condition === "proof",
    proposalId: header.proposal_id,
    subject: { ...shaped, header, approvals, requirement },
    decision,
  };
}

function unshaped(message: string): Judgement {
  const rules: readonly RuleResult[] = [{ rule: "shape", status: "refuse", message }];
  return { rules, decision: null, condition: "shape", pending: false, proposalId: null, subject: null };
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
  if (inForce !== undefined && replacesLate(header, inForce))
    return from === fromOf(inForce) ? null : outdated(inForce.proposalId);
  if (from !== inForce?.proposalId) return outdated(inForce?.proposalId);
  return standingProblem(before.standing(path)?.proposalId ?? undefined, header.replaces);
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

interface Proof {
  readonly grade: Grade | null;
  readonly counted: readonly CountedApproval[];
  readonly selfApproved: boolean;
  readonly rows: readonly RuleResult[];
}

/** Signatures first; evidence counts only where policy asks no more than `recorded`. */
function proofOf(before: Decisions, merge: MergeData, subject: Subject): Proof {
  const { approvals, requirement } = subject;
  const signatures = approvalsRow(approvals, requirement);
  const asked = `${requirement.proof}, as policy asks`;
  if (approvals.reached || requirement.proof === "signed") {
    const grade = approvals.reached ? "signed" : null;
    const rows = approvals.reached
      ? [signatures, { rule: "proof", status: "ok", message: asked } as const]
      : [signatures];
    return { grade, counted: approvals.counted, selfApproved: approvals.selfApproved, rows };
  }
  const about = {
    repoId: before.policy.document.repo_id,
    merge: merge.commit,
    path: subject.path,
    sha256: sha256Hex(subject.bytes),
  };
  // Evidence may add requesters that only a forge knows, and cannot take away those that the decision itself names.
  const requesters = [...approvals.requesters, ...(merge.evidence?.requesters ?? [])];
  const recorded =
    requirement.proof === "recorded"
      ? recordedApprovals(merge.evidence, about, before.policy.document, requirement, requesters)
      : undefined;
  if (recorded !== undefined && recorded.length >= requirement.minApprovals && requirement.minApprovals > 0) {
    const message = `${recorded.length} of ${requirement.minApprovals}: ${recorded.map(({ person }) => person).join(", ")}`;
    const rows = [
      { rule: "approvals", status: "ok", message },
      { rule: "proof", status: "ok", message: asked },
    ] as const;
    const others = recorded.filter(({ person }) => !requesters.includes(person));
    return { grade: "recorded", counted: recorded, selfApproved: others.length < requirement.minApprovals, rows };
  }
  const message = `its proof is not recorded yet; policy asks ${requirement.proof}`;
  const nobody = requirement.approvers.length === 0 || signatures.status === "refuse";
  const rows = [nobody ? signatures : ({ rule: "proof", status: "wait", message } as const)];
  return { grade: null, counted: [], selfApproved: false, rows };
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
    readonly approvals: Approvals;
    readonly at: string;
    readonly proof: Proof;
    readonly rules: readonly RuleResult[];
  },
): Decision {
  const { shaped, proof } = on;
  return {
    path: shaped.path,
    proposalId: on.header.proposal_id,
    document: shaped.document,
    sha256: sha256Hex(shaped.bytes),
    commit: merge.commit,
    mergedAt: on.at,
    grade: proof.grade,
    approvers: proof.counted.map(({ person }) => person),
    selfApproved: proof.selfApproved,
    proof: {
      base: shaped.head.base,
      head: shaped.head.head,
      mergedBy: merge.committer,
      approvals: proof.counted,
      requesters: on.approvals.requesters,
      rules: on.rules,
      policySha256: before.policy.sha256,
    },
  };
}
