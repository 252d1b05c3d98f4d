import { createHash } from "node:crypto";
import type { Documents, Grade, PolicyV1 } from "../../../src/schema/types.gen.ts";

/** A file of a tree: its octal mode as git writes it, and its bytes. */
export interface NaiveFile {
  readonly mode: string;
  readonly bytes: Buffer;
}

/** A commit with its whole tree, so that nothing has to be looked up. */
export interface NaiveCommit {
  readonly id: string;
  readonly parents: readonly string[];
  /** Committer time in seconds. */
  readonly seconds: number;
  readonly tree: ReadonlyMap<string, NaiveFile>;
}

/** All that the fold may look at: commits of the decisions branch, and evidence by proposal id. */
export interface NaiveHistory {
  readonly commits: ReadonlyMap<string, NaiveCommit>;
  readonly evidence: ReadonlyMap<string, Buffer>;
  /** The number of the repository on its forge, as `state.json` has it. */
  readonly forgeRepositoryId: number | null;
  /** The text of CODEOWNERS that belongs to a policy; the specification says that it is generated, not how. */
  codeOwners(policy: PolicyV1): string;
}

/** A document of a decision. */
export type DecisionDocument = Documents[
  | "policy.v1"
  | "principals.v1"
  | "channel-pointer.v1"
  | "yank.v1"
  | "rewrite.v1"];

/** The last conforming decision of a path (section 5). */
export interface InForce {
  readonly path: string;
  readonly proposalId: string;
  readonly digest: string;
  readonly document: DecisionDocument;
  readonly commit: string;
  /** The decision of the same path before it. */
  readonly before: InForce | null;
  /** Null for what the root says. */
  readonly grade: Grade | null;
  readonly approvers: readonly string[];
  readonly selfApproved: boolean;
}

/** Why a merge changed nothing, as `data.condition` of `decision.conforming` (section 11). */
export type NaiveCondition = "approvals" | "self_approved" | "freeze" | "policy" | "shape" | "proof";

/** What one commit of the first-parent history came to. */
export type Outcome =
  | { readonly kind: "conforming"; readonly decision: InForce }
  | { readonly kind: "dishonoured"; readonly conditions: readonly NaiveCondition[]; readonly why: string }
  | { readonly kind: "pending"; readonly why: string };

/** The effective view after a commit, and what every commit up to it came to. */
export interface NaiveView {
  readonly repoId: string;
  readonly inForce: ReadonlyMap<string, InForce>;
  readonly used: ReadonlySet<string>;
  readonly outcomes: readonly { readonly commit: string; readonly outcome: Outcome }[];
}

/** Lower-case hex SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The commit of an id, which the harness promises to be there. */
export function commitOf(history: NaiveHistory, id: string): NaiveCommit {
  const commit = history.commits.get(id);
  if (commit === undefined) throw new Error(`The history lacks ${id}`);
  return commit;
}

/** Ids from a commit back to the root, along first parents (section 5). */
export function firstParents(history: NaiveHistory, id: string): readonly string[] {
  const [parent] = commitOf(history, id).parents;
  return parent === undefined ? [id] : [id, ...firstParents(history, parent)];
}

/** A path that differs between two trees. */
export interface NaiveChange {
  readonly path: string;
  readonly before: NaiveFile | undefined;
  readonly after: NaiveFile | undefined;
}

/** All paths that differ, in order. */
export function differences(history: NaiveHistory, from: string, to: string): readonly NaiveChange[] {
  const [left, right] = [commitOf(history, from).tree, commitOf(history, to).tree];
  return [...new Set([...left.keys(), ...right.keys()])]
    .toSorted()
    .map((path) => ({ path, before: left.get(path), after: right.get(path) }))
    .filter(({ before, after }) => !sameFile(before, after));
}

/** Whether two files are the same, or both absent. */
export function sameFile(left: NaiveFile | undefined, right: NaiveFile | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.mode === right.mode && left.bytes.equals(right.bytes);
}

/**
 * The time of a commit where no forge says one (section 7): its committer's, not before its first parent's.
 */
export function secondsOf(history: NaiveHistory, id: string): number {
  const { seconds, parents } = commitOf(history, id);
  return parents[0] === undefined ? seconds : Math.max(seconds, secondsOf(history, parents[0]));
}
