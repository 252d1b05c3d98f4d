import type { Oid } from "../../kernel/oid.ts";
import type { DocumentName, Documents, Grade, PolicyV1 } from "../../schema/types.gen.ts";
import type { RuleResult } from "./verdict.ts";

/** An approval that counted. */
export interface CountedApproval {
  readonly person: string;
  /** Fingerprint of the key, `SHA256:…`, or the forge's numeric id as text. */
  readonly id: string;
  /** `merge`: a requester's own merge, where the rule lets the requester approve. */
  readonly method: "review" | "signature" | "merge";
  /** What the forge said of it; absent for signatures and in what was folded from evidence. */
  readonly said?: { readonly login: string; readonly commit: Oid; readonly submittedAt: string };
}

/** What evidence records of a merge: who asked, who approved, what the rules said. */
export interface DecisionProof {
  readonly base: Oid;
  readonly head: Oid;
  /** Committer of the merge, `Name <email>`. */
  readonly mergedBy: string;
  readonly approvals: readonly CountedApproval[];
  /** People of the requester set. */
  readonly requesters: readonly string[];
  readonly requesterVerified: boolean;
  readonly rules: readonly RuleResult[];
  readonly policySha256: string;
}

/** A decision in force: its document, the merge that made it, and what proves it. */
export interface Decision<D = Documents[DocumentName]> {
  readonly path: string;
  readonly proposalId: string;
  readonly document: D;
  /** SHA-256 of the document's bytes. */
  readonly sha256: string;
  /** The merge commit (the root commit for what `init` wrote). */
  readonly commit: Oid;
  readonly mergedAt: string;
  /** Null for what the root commit holds. */
  readonly grade: Grade | null;
  /** Attestor of policy that vouched for its evidence, where the grade is `attested`. */
  readonly attestor?: string | undefined;
  /** People whose approval counted. */
  readonly approvers: readonly string[];
  /** True where the requester's own approval was needed to reach the number. */
  readonly selfApproved: boolean;
  /** Null for what the root commit holds. */
  readonly proof: DecisionProof | null;
}

/** Why a merge changed nothing: conditions of spec/trust.md section 11. */
export type Condition = "approvals" | "self_approved" | "freeze" | "policy" | "shape" | "proof";

/** A merge that changed nothing in the view, and why: `pending` lacks its proof, `dishonoured` does not conform. */
export interface Unhonoured {
  readonly commit: Oid;
  readonly at: string;
  readonly paths: readonly string[];
  readonly proposalId: string | null;
  readonly condition: Condition;
  readonly message: string;
}

/** What lies on the tip of a path without being in force. */
export interface Standing {
  readonly commit: Oid;
  readonly proposalId: string | null;
}

/** The effective view of spec/trust.md section 5, as a value: the last conforming decision of every path. */
export interface Decisions {
  readonly root: Oid;
  readonly tip: Oid;
  /** Time of the tip as decisions count it: never before an earlier one. */
  readonly at: string;
  readonly policy: Decision<PolicyV1>;
  /** Decision of a path, whatever its kind. */
  find(path: string): Decision | undefined;
  /** Decisions in force below a folder, by code point of path. */
  list(prefix: string): readonly Decision[];
  /** Earlier decisions of a path that were in force, newest first, the present one included. */
  history(path: string): readonly Decision[];
  /** Every decision that ever came into force, in order of merge, the root's policy first. */
  readonly merged: readonly Decision[];
  /** Merges without their proof: what was before stays in force. */
  readonly pending: readonly Unhonoured[];
  /** Every commit that did not conform, in order. */
  readonly dishonoured: readonly Unhonoured[];
  /** True where a merge, conforming or not, has carried this proposal id. */
  isUsed(proposalId: string): boolean;
  /**
   * What lies on the tip of a path instead of the decision in force: the commit that put it there, and the proposal id that a new
   * proposal names in `replaces`, or null where it cannot be read. Undefined where the tip is in force.
   */
  standing(path: string): Standing | undefined;
}
