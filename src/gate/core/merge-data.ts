import type { Oid } from "../../kernel/oid.ts";
import type { DecisionEvidenceV1 } from "../../schema/types.gen.ts";
import type { BundleSigner } from "./attested.ts";
import type { Account, ForgeAnswers } from "./forge-answers.ts";

/** One file that a commit changes; ids are null where the file is absent. */
export interface FileChange {
  readonly path: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
  /** Git mode after the change, as octal text. */
  readonly mode: string;
}

/** One commit of a proposal. */
export interface HeadCommit {
  readonly commit: Oid;
  readonly parents: number;
  /** Paths that differ from its first parent. */
  readonly paths: readonly string[];
}

/** What a merge brings in, from where the proposal left the decisions branch. */
export interface HeadData {
  readonly head: Oid;
  readonly base: Oid;
  /** Oldest first. */
  readonly commits: readonly HeadCommit[];
  /** Difference from base to head. */
  readonly changes: readonly FileChange[];
}

/** What a forge says now of the pull request of a merge. */
export interface SaidOfPull {
  readonly answers: ForgeAnswers;
  /** Made in another repository, or on a branch that is no proposal's. */
  readonly foreign: boolean;
  /** Whose token would merge it now; null where that is not known. */
  readonly merger: Account | null;
}

/** A commit on the first-parent history of decisions, as data: all that the fold looks at. */
export interface MergeData {
  readonly commit: Oid;
  readonly parents: readonly Oid[];
  /** Committer time. */
  readonly at: string;
  /** `Name <email>`. */
  readonly committer: string;
  /** Difference from the first parent. */
  readonly changes: readonly FileChange[];
  /** The second parent's side; a text says why it is none. Null without a second parent. */
  readonly head: HeadData | string | null;
  /** Decision files that it puts back to what they were before merges that it brings in beside the history; absent where it hides none. */
  readonly hidden?: readonly string[];
  /** Bytes after the commit of changed files; larger ones than a document may be are left out. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Evidence of this repository among facts under the decision's proposal id; grade `signed` never looks at it. */
  readonly evidence: DecisionEvidenceV1 | null;
  /** Who signed the bundle of that evidence, proven against the trusted roots of the view before; absent where it has none. */
  readonly bundleBy?: BundleSigner | null;
  /** In place of evidence: what the forge says now. For verdicts and for making evidence, never for the fold. */
  readonly said?: SaidOfPull;
}
