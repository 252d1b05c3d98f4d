import type { Oid } from "../../kernel/oid.ts";
import type { Difference } from "../../ports/git-store.ts";
import { limitExceeded } from "./limits.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { EMPTY_TREE, FILE, isFolder, sortKey, type Tree, type TreeEntry } from "./tree.ts";

/** Mode that git prints where there is nothing. */
const ABSENT = "000000";

/** An entry that differs, by its ids in both trees. */
interface Changed {
  readonly entry: TreeEntry;
  /** What stood there before; undefined where nothing did. */
  readonly was: TreeEntry | undefined;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** A folder that is being walked. */
interface Frame {
  /** Path with its slash, "" for the root. */
  readonly folder: string;
  readonly changes: readonly Changed[];
  readonly folders: readonly Changed[];
  at: number;
  /** How many of the folders were entered, and how many were asked for. */
  entered: number;
  asked: number;
}

/** Folders that are asked for ahead of the one being walked. */
const AHEAD = 32;

/** Files that differ between two trees, by code point of path; equal folders are not entered. Bounded in depth and in visits. */
export async function* diffTrees(objects: ObjectDatabase, before: Oid | null, after: Oid): AsyncGenerator<Difference> {
  const { limits } = objects;
  const stack = before === after ? [] : [await frameOf(objects, before, after, "")];
  let visits = 0;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const change = frame.changes[frame.at];
    frame.at += 1;
    if (change === undefined) {
      stack.pop();
      continue;
    }
    visits += 1;
    if (visits > limits.visits) throw limitExceeded("A difference", "files and folders", limits.visits);
    const { entry, was, ...oids } = change;
    const path = frame.folder + entry.name;
    if (!isFolder(entry)) {
      const strange = was === undefined || was.mode === FILE ? {} : { modeBefore: was.mode };
      yield { path, ...oids, mode: oids.after === null ? ABSENT : entry.mode, ...strange };
      continue;
    }
    if (stack.length === limits.depth) throw limitExceeded(path, "names in a path", limits.depth);
    askAhead(objects, frame);
    stack.push(await frameOf(objects, oids.before, oids.after, `${path}/`));
  }
}

async function frameOf(objects: ObjectDatabase, before: Oid | null, after: Oid | null, folder: string): Promise<Frame> {
  const [left, right] = await Promise.all([treeAt(objects, before), treeAt(objects, after)]);
  const changed = [...changes(left, right)];
  const folders = changed.filter(({ entry }) => isFolder(entry));
  return { folder, changes: changed, folders, at: 0, entered: 0, asked: 0 };
}

/** Asks for the next folders while this one is read, so that a walk does not wait for each of them in turn. */
function askAhead(objects: ObjectDatabase, frame: Frame): void {
  frame.entered += 1;
  for (; frame.asked < Math.min(frame.folders.length, frame.entered + AHEAD); frame.asked += 1) {
    const { before = null, after = null } = frame.folders[frame.asked] ?? {};
    // A failure is met again, and thrown, when its turn comes.
    void Promise.allSettled([treeAt(objects, before), treeAt(objects, after)]);
  }
}

function treeAt(objects: ObjectDatabase, oid: Oid | null): Promise<Tree> {
  return oid === null ? Promise.resolve(EMPTY_TREE) : objects.tree(oid);
}

/**
 * Entries that differ, in git's order. That order compares a folder with its slash, so walking it depth first gives whole
 * paths in byte order; a file and a folder of one name are two entries.
 */
function* changes(left: Tree, right: Tree): Generator<Changed> {
  let i = 0;
  let j = 0;
  while (i < left.entries.length || j < right.entries.length) {
    const before = left.entries[i];
    const after = right.entries[j];
    const order = compare(before, after);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    if (before !== undefined && order < 0) yield { entry: before, was: before, before: before.oid, after: null };
    if (after !== undefined && order > 0) yield { entry: after, was: undefined, before: null, after: after.oid };
    if (before === undefined || after === undefined || order !== 0) continue;
    if (before.oid !== after.oid || before.mode !== after.mode)
      yield { entry: after, was: before, before: before.oid, after: after.oid };
  }
}

function compare(before: TreeEntry | undefined, after: TreeEntry | undefined): number {
  if (before === undefined) return 1;
  if (after === undefined) return -1;
  if (before.name === after.name && before.raw === null && after.raw === null && isFolder(before) === isFolder(after))
    return 0;
  return Buffer.compare(sortKey(before), sortKey(after));
}
