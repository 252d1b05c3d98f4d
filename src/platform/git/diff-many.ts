import type { Oid } from "../../kernel/oid.ts";
import type { Turns } from "../../kernel/turns.ts";
import type { Difference } from "../../ports/git-store.ts";
import { type Changed, changes, differenceOf, isNew } from "./diff.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { isFolder } from "./tree-entry.ts";
import { EMPTY_TREE, type Tree } from "./tree.ts";
import { twinOfName } from "./twins.ts";

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
  changes: readonly Changed[];
  /** Neighbours from which new entries differ only by case, by place in `changes`; null as long as there is none. */
  twins: Map<number, string> | null;
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
  return { pair, before, after, changes: [], twins: null, below: [] };
}

function look(folder: Open, [before, after]: readonly [Tree, Tree] = [EMPTY_TREE, EMPTY_TREE], mayNest: boolean): void {
  const { pair, below } = folder;
  folder.changes = changes(before, after);
  for (const [i, change] of folder.changes.entries()) {
    if (isFolder(change.entry)) below.push(openOf(pair, change.before, change.after));
    // Asked here, as the tree need not be kept then until the whole difference is known.
    const twin = isNew(change) ? twinOfName(after, change.entry.name) : undefined;
    if (twin !== undefined) (folder.twins ??= new Map()).set(i, twin);
  }
  pair.visits += folder.changes.length;
  if (pair.visits > SMALL || (below.length > 0 && !mayNest)) pair.isLarge = true;
}

/** Adds the files that differ below a folder, in order; what the folder is a neighbour of is told with the first one. */
function addFiles(open: Open, path: string, twin: string | undefined, into: Difference[]): Difference[] {
  let [next, neighbour] = [0, twin];
  for (const [i, change] of open.changes.entries()) {
    const own = open.twins?.get(i);
    const told = neighbour ?? (own && path + own);
    neighbour = undefined;
    const at = path + change.entry.name;
    const below = isFolder(change.entry) ? open.below[next++] : undefined;
    if (below === undefined) into.push(differenceOf(at, change, told));
    else addFiles(below, `${at}/`, told, into);
  }
  return into;
}
