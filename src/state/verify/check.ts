import type { Data } from "../../kernel/json.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Commit, GitStore } from "../../ports/git-store.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import type { AnyKind, Place } from "../document-kind.ts";

/** What verifying needs. */
export interface VerifyGround {
  readonly store: GitStore;
  readonly kinds: readonly AnyKind[];
  readonly schemas: Schemas;
  /** Tells what lies in the future; without one nothing does. */
  readonly clock?: Clock;
}

/** A rule that history breaks, where, and how people go on. Whether it is a violation or a warning, the registry of rules says. */
export interface Violation {
  /** Name of the rule, which is contract. */
  readonly rule: string;
  /** Null where it is of no branch. */
  readonly branch: string | null;
  readonly commit: Oid | null;
  readonly path: string | null;
  readonly message: string;
  readonly data: Data;
  /** What readers do about it, where that is more than the rule itself says. */
  readonly readers?: string;
  /** What people do next. */
  readonly next: string;
}

/** What a side of a change holds: a document, or why it is none; of an unknown path neither. */
export interface Side {
  readonly oid: Oid;
  readonly bytes: Uint8Array;
  readonly document: Documents[DocumentName] | undefined;
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}

/** One file that a commit changes. */
export interface ChangedFile {
  readonly path: string;
  /** Git mode after the commit. */
  readonly mode: string;
  /** Path of a neighbour from which this one, or a folder that came with it, differs only by case. */
  readonly twin?: string | undefined;
  /** Kind and key; undefined where no kind knows the path. */
  readonly place: Place | undefined;
  readonly before: Side | null;
  readonly after: Side | null;
}

/** Tells what is wrong. */
export type Report = (violation: Violation) => void;

/** One run of a check over history, oldest commit first. What it keeps in memory does not grow with history. */
export interface Walker {
  /** Each commit, before its files: also one whose files cannot be read to their end, which goes without {@link Walker.onCommit}. */
  onStart?(commit: Commit): void;
  /** Each file that the commit changes, by path. */
  onFile?(file: ChangedFile, commit: Commit): void | Promise<void>;
  /** Each commit, after its files. */
  onCommit?(commit: Commit, parent: Commit | null): void | Promise<void>;
  /** After the last commit. */
  finish?(): Promise<void>;
  /** What it counted, by name, for a later run that goes on from here. */
  counted?(): Readonly<Record<string, number>>;
}

/** What a run of a check is told before its first commit. */
export interface Walk {
  readonly ground: VerifyGround;
  /** The commit that is known to be good, after which the walk begins; null for a walk from the root. */
  readonly after: Oid | null;
  /** The first commit that is walked; null where nothing is left to walk. */
  readonly first: Oid | null;
  readonly tip: Oid;
  /** True where history is cut, so that what came before the first commit is not known. */
  readonly isCut: boolean;
  /** What was counted up to the commit after which the walk begins. */
  readonly counts: Readonly<Record<string, number>>;
  readonly report: Report;
}

/** A check of the family: the rules that it names, and how a run begins. A plane lists its own in `checks.ts`. */
export interface VerifyCheck {
  readonly rules: readonly string[];
  begin(walk: Walk): Promise<Walker>;
}
