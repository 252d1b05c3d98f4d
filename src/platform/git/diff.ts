import type { Oid } from "../../kernel/oid.ts";
import type { Difference } from "../../ports/git-store.ts";
import { limitExceeded } from "./limits.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { FILE, isFolder, sortKey, type TreeEntry } from "./tree-entry.ts";
import { EMPTY_TREE, type Tree, unshared } from "./tree.ts";
import { twinOfName } from "./twins.ts";

/** Mode that git prints where there is nothing. */
const ABSENT = "000000";

/** An entry that differs, by its ids in both trees. */
export interface Changed {
  readonly entry: TreeEntry;
  /** What stood there before; undefined where nothing did. */
  readonly was: TreeEntry | undefined;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** A folder, and what its files are told with. */
export interface Folder {
  /** Path with its slash, "" for the root. */
  readonly folder: string;
  readonly after: Tree;
  /** Neighbour of a new folder on this path; told with the first file. */
  twin: string | undefined;
}

/** A folder that is being walked. */
interface Frame extends Folder {
  readonly changes: readonly Changed[];
  readonly folders: readonly Changed[];
  /** Trees of the next ones, which were asked for, and how many were. */
  readonly loads: Promise<readonly [Tree, Tree]>[];
  asked: number;
  at: number;
}

/** Folders that are asked for ahead of the one being walked. */
const AHEAD = 32;

/**
 * Files that differ between two trees, by code point of path; folders that are equal or not wanted are not entered. Bounded in
 * depth and in visits.
 */
export async function* diffTrees(
  objects: ObjectDatabase,
  before: Oid | null,
  after: Oid,
  wanted: (folder: string) => boolean = () => true,
): AsyncGenerator<Difference> {
  const { limits } = objects;
  const stack = before === after ? [] : [frameOf(await bothAt(objects, before, after), "", undefined, wanted)];
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
    const path = frame.folder + change.entry.name;
    if (isFolder(change.entry) && !wanted(path)) continue;
    const twin = twinOf(frame, change);
    if (!isFolder(change.entry)) {
      yield differenceOf(path, change, twin);
      continue;
    }
    if (stack.length === limits.depth) throw limitExceeded(path, "names in a path", limits.depth);
    stack.push(frameOf(await nextFolder(objects, frame), `${path}/`, twin, wanted));
  }
}

/** A file that differs. */
export function differenceOf(path: string, change: Changed, twin: string | undefined): Difference {
  const { entry, was, before, after } = change;
  const strange = was === undefined || was.mode === FILE ? {} : { modeBefore: was.mode };
  const mode = after === null ? ABSENT : entry.mode;
  return { path, before, after, mode, ...strange, ...(twin === undefined ? {} : { twin }) };
}

function frameOf(
  [before, after]: readonly [Tree, Tree],
  folder: string,
  twin: string | undefined,
  wanted: (folder: string) => boolean,
): Frame {
  const changed = changes(before, after);
  const folders = changed.filter(({ entry }) => isFolder(entry) && wanted(folder + entry.name));
  return { folder, after, changes: changed, folders, loads: [], asked: 0, twin, at: 0 };
}

/** Trees of the next folder; those of the folders behind it are asked for, so that a walk does not wait for each in turn. */
async function nextFolder(objects: ObjectDatabase, frame: Frame): Promise<readonly [Tree, Tree]> {
  const { folders, loads } = frame;
  for (; loads.length <= AHEAD && frame.asked < folders.length; frame.asked += 1) {
    const { before = null, after = null } = folders[frame.asked] ?? {};
    const load = bothAt(objects, before, after);
    // It is waited for in its turn; until then an error is nobody's.
    load.catch(() => undefined);
    loads.push(load);
  }
  return (await loads.shift()) ?? [EMPTY_TREE, EMPTY_TREE];
}

function bothAt(objects: ObjectDatabase, before: Oid | null, after: Oid | null): Promise<readonly [Tree, Tree]> {
  const left = before === null ? Promise.resolve(EMPTY_TREE) : objects.tree(before);
  return Promise.all([left, after === null ? EMPTY_TREE : objects.tree(after, left)]);
}

/** A neighbour from which what is new here, or a new folder above, differs only by case. */
export function twinOf(frame: Folder, change: Pick<Changed, "entry" | "before">): string | undefined {
  const { twin, folder, after } = frame;
  frame.twin = undefined;
  if (twin !== undefined || !isNew(change)) return twin;
  const found = twinOfName(after, change.entry.name);
  return found && folder + found;
}

/** Tells whether an entry of a name came. */
export function isNew({ entry, before }: Pick<Changed, "entry" | "before">): boolean {
  return before === null && entry.raw === null;
}

/**
 * Entries that differ, in git's order. That order compares a folder with its slash, so walking it depth first gives whole
 * paths in byte order; a file and a folder of one name are two entries.
 */
export function changes(left: Tree, right: Tree): readonly Changed[] {
  const changed: Changed[] = [];
  const [lefts, rights] = unshared(left, right);
  for (let [i, j] = [0, 0]; i < lefts.length || j < rights.length; ) {
    const before = lefts[i];
    const after = rights[j];
    const order = compare(before, after);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    if (before !== undefined && order < 0)
      changed.push({ entry: before, was: before, before: before.oid, after: null });
    if (after !== undefined && order > 0)
      changed.push({ entry: after, was: undefined, before: null, after: after.oid });
    if (before === undefined || after === undefined || order !== 0) continue;
    if (before.oid !== after.oid || before.mode !== after.mode)
      changed.push({ entry: after, was: before, before: before.oid, after: after.oid });
  }
  return changed;
}

function compare(before: TreeEntry | undefined, after: TreeEntry | undefined): number {
  if (before === undefined) return 1;
  if (after === undefined) return -1;
  if (before.name === after.name && before.raw === null && after.raw === null && isFolder(before) === isFolder(after))
    return 0;
  return Buffer.compare(sortKey(before), sortKey(after));
}
