import { sha256Hex } from "../../kernel/digest.ts";
import type { Grade } from "../../schema/types.gen.ts";
import { type Approvals, approvalsRow } from "./approvals.ts";
import type { Decisions } from "./decisions.ts";
import { evidenceTestimony } from "./evidence.ts";
import { type DecisionHeader, headerOf } from "./header.ts";
import type { MergeData } from "./merge-data.ts";
import { asksGrade } from "./pending.ts";
import type { Requirement } from "./requirement.ts";
import { testimonyOf } from "./reviews.ts";
import type { Shaped } from "./shape.ts";
import { joinApprovals, type Testimony } from "./testimony.ts";
import type { RuleResult } from "./verdict.ts";

/** What proves the approvals of a merge, and how far. */
export interface Proof {
  /** Null where they are not proven. */
  readonly grade: Grade | null;
  /** Signatures, and what a forge or its evidence adds to them. */
  readonly approvals: Approvals;
  /** Attestor of policy that vouches for them, where the grade is `attested`. */
  readonly attestor?: string;
  /** When the forge merged it; null where only its commit says when. */
  readonly mergedAt: string | null;
  /** Whether who asked is verified, or evidence that is not there yet may still say so. */
  readonly requesterMayBeVerified: boolean;
  readonly rows: readonly RuleResult[];
}

/** A decision with the signatures beside it. */
export interface ProofCase extends Shaped {
  readonly header: DecisionHeader;
  readonly approvals: Approvals;
  readonly requirement: Requirement;
}

/** Signatures first: with enough of them nothing else is looked at. What a forge says counts only where policy takes its word. */
export function proofOf(before: Decisions, merge: MergeData, on: ProofCase): Proof {
  const { approvals, requirement } = on;
  const isSigned = approvals.reached || requirement.proof === "signed";
  if (merge.said === undefined && isSigned) return provenBy(approvals, "signed", requirement, null);
  const told = toldOf(before, merge, on);
  if (told === undefined) return unproven(approvals, requirement, merge);
  const all = joinApprovals(approvals, told, requirement);
  const grade = approvals.reached || requirement.proof === "signed" ? "signed" : told.grade;
  const proof = provenBy(all, grade, requirement, told.mergedAt);
  return grade === "attested" && told.attestor !== undefined ? { ...proof, attestor: told.attestor } : proof;
}

function toldOf(before: Decisions, merge: MergeData, on: ProofCase): Testimony | undefined {
  const policy = before.policy.document;
  const { header, head, requirement } = on;
  const asked = on.approvals.requesters;
  if (merge.said !== undefined)
    return testimonyOf({ ...merge.said, header, head, policy, requirement, asked, usedRuns: runsOf(before, header) });
  return evidenceTestimony(merge.evidence, {
    repoId: policy.repo_id,
    merge: merge.commit,
    path: on.path,
    sha256: sha256Hex(on.bytes),
    head,
    policy,
    requirement,
    asked,
    bundleBy: merge.bundleBy ?? null,
  });
}

/** Runs that asked for decisions in force, now or before; looked for only where the decision names a run. */
export function runsOf(
  { merged }: Pick<Decisions, "merged">,
  { requested_run }: Pick<DecisionHeader, "requested_run">,
): ReadonlySet<number> {
  if (requested_run === undefined) return new Set();
  return new Set(merged.flatMap(({ document }) => headerOf(document)?.requested_run?.run_id ?? []));
}

function provenBy(approvals: Approvals, grade: Grade, requirement: Requirement, mergedAt: string | null): Proof {
  const row = approvalsRow(approvals, requirement);
  const isOk = row.status === "ok";
  const worth = grade === "recorded" ? "; worth no more than the word of everybody who may write here" : "";
  const proof = { rule: "proof", status: "ok", message: `${requirement.proof}, as policy asks${worth}` } as const;
  return {
    grade: isOk ? grade : null,
    approvals,
    mergedAt,
    requesterMayBeVerified: approvals.requesterVerified,
    rows: isOk ? [row, proof] : [row],
  };
}

/** Nothing was said yet that counts; it still may be, unless nobody could say yes at all. */
function unproven(approvals: Approvals, requirement: Requirement, { evidence }: MergeData): Proof {
  const { approvers, minApprovals, requesterMayApprove, proof } = requirement;
  const free = approvers.filter((name) => requesterMayApprove || !approvals.requesters.includes(name));
  const unsigned =
    evidence !== null && proof === "attested" ? "; evidence that no attestor of policy signed proves nothing" : "";
  const message = `its proof is not recorded yet; ${asksGrade(proof)}${unsigned}`;
  const row =
    free.length < minApprovals
      ? approvalsRow(approvals, requirement)
      : ({ rule: "proof", status: "wait", message } as const);
  return { grade: null, approvals, mergedAt: null, requesterMayBeVerified: true, rows: [row] };
}
