import type { Oid } from "../../kernel/oid.ts";
import type { Turns } from "../../kernel/turns.ts";
import type { Difference } from "../../ports/git-store.ts";
import { type Changed, changes, differenceOf, type Folder, twinOf } from "./diff.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { isFolder } from "./tree-entry.ts";
import { EMPTY_TREE, type Tree } from "./tree.ts";

/** Most files and folders of a pair that is looked through together with others. */
const SMALL = 64;

/** The difference of two trees as far as it was looked through. */
interface Pair {
  visits: number;
  /** True where it is to be asked for by itself. */
  isLarge: boolean;
}

/** A folder that differs, with what lies below it once its trees were read. */
interface Open {
  readonly pair: Pair;
  readonly before: Oid | null;
  readonly after: Oid | null;
  tree: Tree;
  changes: readonly Changed[];
  readonly below: Open[];
}

/**
 * Small differences of many pairs of trees, each as `diffTrees` tells it. Folders of one depth are read together, so that git is asked
 * once for each depth and not once for each folder. Null where a pair exceeds a bound.
 */
export async function diffMany(
  objects: ObjectDatabase,
  pairs: readonly (readonly [Oid | null, Oid])[],
  turns: Turns,
): Promise<readonly (readonly Difference[] | null)[]> {
  const roots = pairs.map(([before, after]) => openOf({ visits: 0, isLarge: false }, before, after));
  let open: readonly Open[] = roots;
  for (let depth = 1; open.length > 0; depth += 1) {
    const folders = open.map(({ before, after }) => [before, after] as const);
    const trees = await turns.take(depth, () => objects.treePairs(folders));
    for (const [i, folder] of open.entries()) look(folder, trees[i], depth < objects.limits.depth);
    open = open.flatMap(({ pair, below }) => (pair.isLarge ? [] : below));
  }
  return roots.map((root) => (root.pair.isLarge ? null : addFiles(root, "", undefined, [])));
}

function openOf(pair: Pair, before: Oid | null, after: Oid | null): Open {
  return { pair, before, after, tree: EMPTY_TREE, changes: [], below: [] };
}

function look(folder: Open, [before, after]: readonly [Tree, Tree] = [EMPTY_TREE, EMPTY_TREE], mayNest: boolean): void {
  const { pair, below } = folder;
  folder.tree = after;
  folder.changes = changes(before, after);
  for (const change of folder.changes)
    if (isFolder(change.entry)) below.push(openOf(pair, change.before, change.after));
  pair.visits += folder.changes.length;
  if (pair.visits > SMALL || (below.length > 0 && !mayNest)) pair.isLarge = true;
}

/** Adds the files that differ below a folder, in order. */
function addFiles(open: Open, path: string, twin: string | undefined, into: Difference[]): Difference[] {
  const folder: Folder = { folder: path, after: open.tree, twin };
  let next = 0;
  for (const change of open.changes) {
    const at = path + change.entry.name;
    const neighbour = twinOf(folder, change);
    const below = isFolder(change.entry) ? open.below[next++] : undefined;
    if (below === undefined) into.push(differenceOf(at, change, neighbour));
    else addFiles(below, `${at}/`, neighbour, into);
  }
  return into;
}
