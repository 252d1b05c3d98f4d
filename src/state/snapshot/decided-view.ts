import type { Oid } from "../../kernel/oid.ts";
import type { DocumentName, Documents, PolicyV1 } from "../../schema/types.gen.ts";
import type { DecidedBy } from "../document-kind.ts";

/** A document in force, and the merge that put it there. */
export interface Decided extends DecidedBy {
  readonly path: string;
  readonly document: Documents[DocumentName];
  readonly sha256: string;
}

/** A merge that changed nothing, and why. */
export interface NotInForce {
  readonly commit: Oid;
  readonly at: string;
  readonly paths: readonly string[];
  readonly proposalId: string | null;
  readonly condition: string;
  readonly message: string;
}

/** What a snapshot takes from decisions: the effective view, never the raw trees. `Decisions` of the gate is one. */
export interface DecidedView {
  readonly root: Oid;
  readonly tip: Oid;
  readonly policy: { readonly document: PolicyV1 };
  list(prefix: string): readonly Decided[];
  history(path: string): readonly Decided[];
  /** The merge that lies on the tip of a path instead of what is in force; undefined where the tip is in force. */
  standing(path: string): { readonly commit: Oid } | undefined;
  readonly pending: readonly NotInForce[];
  readonly dishonoured: readonly NotInForce[];
}
