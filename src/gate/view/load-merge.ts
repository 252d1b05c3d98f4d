import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit, GitStore } from "../../ports/git-store.ts";
import type { FileChange, HeadCommit, HeadData, MergeData } from "../core/merge-data.ts";
import type { DecisionPlaces } from "../decision-kind.ts";
import { hiddenDecisions } from "./hidden-decisions.ts";

/** Most files that a commit may change before it is clear that it is no decision. */
const MAX_CHANGES = 100;
/** Most files whose bytes are looked at; a decision has two or three. */
const MAX_FILES = 10;
/** Most commits of a proposal: its decision and signatures. */
const MAX_HEAD_COMMITS = 200;

/** Tells whether a commit lies on the first-parent history of decisions. */
export type IsOnHistory = (commit: Oid) => boolean;

/**
 * Loads one commit of the decisions branch as the fold judges it: differences and the bytes of changed files only.
 * What exceeds a bound makes a merge that does not conform, never an error; of its files only those of decisions are named,
 * because that is what readers must be told of.
 */
export async function loadMerge(
  store: GitStore,
  commit: Commit,
  isOnHistory: IsOnHistory,
  places: DecisionPlaces,
): Promise<MergeData> {
  const [first, second] = commit.parents;
  const merge = { commit: commit.commit, parents: commit.parents, at: commit.at, committer: commit.committer };
  const changes = await withinBounds(() => changesBetween(store, first ?? null, commit.commit));
  if (typeof changes === "string") {
    const found = await withinBounds(() => decisionsBetween(store, first ?? null, commit.commit, places));
    const told = typeof found === "string" ? [] : found;
    const hidden = await hiddenIn(store, commit, isOnHistory, places);
    return { ...merge, changes: told, head: changes, files: new Map(), evidence: null, hidden };
  }
  const head = second === undefined ? null : await withinBounds(() => loadHead(store, second, isOnHistory));
  const hidden = isPlain(commit, head) ? [] : await hiddenIn(store, commit, isOnHistory, places);
  return { ...merge, changes, head, files: await filesAt(store, commit.commit, changes), evidence: null, hidden };
}

/** What a tree beyond a bound hides cannot be said; the commit itself is told of all the same. */
async function hiddenIn(...of: Parameters<typeof hiddenDecisions>): Promise<readonly string[]> {
  const found = await withinBounds(() => hiddenDecisions(...of));
  return typeof found === "string" ? [] : found;
}

/** Only what is no merge of a line of commits can bring in other merges. */
function isPlain({ parents }: Commit, head: HeadData | string | null): boolean {
  if (head === null || typeof head === "string") return parents.length < 2;
  return parents.length === 2 && head.commits.every((commit) => commit.parents === 1);
}

/** Loads a proposal's side: its commits back to where it left the decisions branch. A text says why it is none. */
export async function loadHead(store: GitStore, head: Oid, isOnHistory: IsOnHistory): Promise<HeadData | string> {
  const commits: HeadCommit[] = [];
  for await (const commit of store.log(null, head)) {
    if (isOnHistory(commit.commit)) {
      const changes = await changesBetween(store, commit.commit, head);
      return typeof changes === "string"
        ? changes
        : { head, base: commit.commit, commits: commits.toReversed(), changes };
    }
    const [first] = commit.parents;
    if (first === undefined) break;
    if (commits.length === MAX_HEAD_COMMITS) return `brings more than ${MAX_HEAD_COMMITS} commits`;
    const changes = await changesBetween(store, first, commit.commit);
    if (typeof changes === "string") return changes;
    const paths = changes.map(({ path }) => path);
    commits.push({ commit: commit.commit, parents: commit.parents.length, paths });
  }
  return "brings a branch that does not start on the decisions branch";
}

/** Files that differ between two commits; a text where there are more than a decision can have. */
async function changesBetween(store: GitStore, from: Oid | null, to: Oid): Promise<readonly FileChange[] | string> {
  const changes: FileChange[] = [];
  for await (const change of store.diff(from, to)) {
    if (changes.length === MAX_CHANGES) return `changes more than ${MAX_CHANGES} files`;
    changes.push(change);
  }
  return changes;
}

/** Decision files that differ between two commits, among any number of others; a bounded number of them. */
async function decisionsBetween(
  store: GitStore,
  from: Oid | null,
  to: Oid,
  places: DecisionPlaces,
): Promise<readonly FileChange[]> {
  const changes: FileChange[] = [];
  for await (const change of store.diff(from, to, places.isFolder))
    if (places.isDecision(change.path) && changes.push(change) === MAX_CHANGES) break;
  return changes;
}

/** Bytes of changed files at a commit; one that is too large is left out, and so are those beyond {@link MAX_FILES}. */
export async function filesAt(
  store: GitStore,
  at: Oid,
  changes: readonly FileChange[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { path, after, mode } of changes.slice(0, MAX_FILES)) {
    if (after === null || mode !== "100644") continue;
    const found = await withinBounds(() => store.read(at, [path]));
    const [file] = typeof found === "string" ? [] : found;
    if (file && "bytes" in file) files.set(path, file.bytes);
  }
  return files;
}

async function withinBounds<T>(load: () => Promise<T>): Promise<T | string> {
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "state.limit.exceeded") return printable(cause.message, 300);
    throw cause;
  }
}
