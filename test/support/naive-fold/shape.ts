import { documentOf, kindOf } from "./canonical.ts";
import {
  commitOf,
  type DecisionDocument,
  differences,
  firstParents,
  type NaiveChange,
  type NaiveHistory,
  sameFile,
} from "./history.ts";

/** A merge whose form conforms: which decision it brings, and from where. */
export interface NaiveShape {
  readonly path: string;
  readonly document: DecisionDocument;
  readonly bytes: Buffer;
  readonly signatures: Buffer | undefined;
  readonly base: string;
  readonly head: string;
  /** The decision commit and the commits to its `.sig`. */
  readonly commits: readonly string[];
}

/** The form of a merge: conditions 1 and 2 of section 5, and the documents of condition 3; or a text that says what is wrong. */
export function shapeOf(history: NaiveHistory, id: string): NaiveShape | string {
  const { parents, tree } = commitOf(history, id);
  const [tip, head] = parents;
  if (tip === undefined || head === undefined || parents.length > 2) return "is not a merge of two";
  const proposal = proposalOf(history, tip, head);
  if (typeof proposal === "string") return proposal;
  const { base, commits } = proposal;
  const changed = differences(history, base, head);
  if (!isSameDifference(differences(history, tip, id), changed))
    return "the merge changes something else than its head";
  const decision = decisionOf(changed);
  if (typeof decision === "string") return decision;
  const { path, after } = decision;
  if (!beginsWith(history, base, commits, path)) return "not one decision commit, then commits to its .sig";
  const document = documentOf(path, after);
  if (document === undefined || after === undefined) return "no document";
  // Where the branch has another CODEOWNERS and the merge leaves it alone, nothing is said; it proves nothing anyway.
  const owners = changed.find((change) => change.path === "CODEOWNERS");
  if (owners !== undefined && document.schema === "policy.v1")
    if (owners.after?.bytes.toString() !== history.codeOwners(document))
      return "CODEOWNERS is not the one of the policy";
  return { path, document, bytes: after.bytes, signatures: tree.get(`${path}.sig`)?.bytes, base, head, commits };
}

/** Condition 2: the same difference, before and after alike. */
function isSameDifference(one: readonly NaiveChange[], other: readonly NaiveChange[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ path, before, after }, index) => {
      const twin = other[index];
      return path === twin?.path && sameFile(before, twin.before) && sameFile(after, twin.after);
    })
  );
}

/** The one decision that a head changes, with nothing but the files of its kind (section 4). */
function decisionOf(changed: readonly NaiveChange[]): NaiveChange | string {
  const [decision, ...others] = changed.filter(({ path }) => kindOf(path) !== null);
  if (decision === undefined || others.length > 0) return "not one decision";
  const { path } = decision;
  const ofKind = [path, `${path}.sig`, ...(path === "policy.json" ? ["CODEOWNERS"] : [])];
  if (changed.some((change) => !ofKind.includes(change.path))) return "changes another file";
  // Section 2: a tree may hold folders and plain files.
  return changed.some(({ after }) => after !== undefined && after.mode !== "100644") ? "a mode of no file" : decision;
}

/** Condition 1: one decision commit, then commits to its `.sig` only. */
function beginsWith(history: NaiveHistory, base: string, commits: readonly string[], path: string): boolean {
  const [first = base, ...later] = commits;
  return (
    differences(history, base, first).some((change) => change.path === path) &&
    later.every((commit, index) =>
      differences(history, commits[index] ?? base, commit).every((change) => change.path === `${path}.sig`),
    )
  );
}

/** Commits from the base, which is on this history, to the head (condition 1). */
function proposalOf(history: NaiveHistory, tip: string, head: string) {
  const mainline = firstParents(history, tip);
  const commits: string[] = [];
  for (let at = head; !mainline.includes(at); ) {
    commits.unshift(at);
    const { parents } = commitOf(history, at);
    const [parent] = parents;
    if (parent === undefined || parents.length > 1) return "the head is not a line that begins on this history";
    at = parent;
  }
  const [first] = commits;
  const base = first === undefined ? undefined : commitOf(history, first).parents[0];
  return base === undefined ? "the head is on this history already" : { base, commits };
}
