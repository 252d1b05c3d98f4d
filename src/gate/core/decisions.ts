import type { Oid } from "../../kernel/oid.ts";
import type { DocumentName, Documents, Grade, PolicyV1 } from "../../schema/types.gen.ts";

/** A decision in force: its document, the merge that made it, and what proves it. */
export interface Decision<D = Documents[DocumentName]> {
  readonly path: string;
  readonly document: D;
  /** SHA-256 of the document's bytes. */
  readonly sha256: string;
  /** The merge commit (the root commit for what `init` wrote). */
  readonly commit: Oid;
  readonly mergedAt: string;
  /** Null for what the root commit holds. */
  readonly grade: Grade | null;
  /** People whose approval counted. */
  readonly approvers: readonly string[];
  /** True where the requester's own approval was needed to reach the number. */
  readonly selfApproved: boolean;
}

/** A merge that changed nothing in the view, and why: `pending` lacks its proof, `dishonoured` does not conform. */
export interface Unhonoured {
  readonly commit: Oid;
  readonly paths: readonly string[];
  /** Condition of spec/trust.md section 11: approvals, self_approved, freeze, policy, shape, proof. */
  readonly condition: string;
  readonly message: string;
}

/** The effective view of spec/trust.md section 5, as a value: the last conforming decision of every path. */
export interface Decisions {
  readonly root: Oid;
  readonly tip: Oid;
  readonly policy: Decision<PolicyV1>;
  /** Decision of a path, whatever its kind. */
  find(path: string): Decision | undefined;
  /** Decisions below a folder, by code point of path. */
  list(prefix: string): readonly Decision[];
  /** Earlier decisions of a path that were in force, newest first, the present one included. */
  history(path: string): readonly Decision[];
  readonly pending: readonly Unhonoured[];
  readonly dishonoured: readonly Unhonoured[];
}
