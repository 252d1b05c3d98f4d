import type { Oid } from "../../kernel/oid.ts";
import type { Difference } from "../../ports/git-store.ts";
import { limitExceeded } from "./limits.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { EMPTY_TREE, isFolder, sortKey, type Tree, type TreeEntry } from "./tree.ts";

/** Mode that git prints where there is nothing. */
const ABSENT = "000000";

/** An entry that differs, by its ids in both trees. */
interface Changed {
  readonly entry: TreeEntry;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** Files that differ between two trees, by code point of path; equal folders are not entered. Bounded in depth and in visits. */
export async function* diffTrees(objects: ObjectDatabase, before: Oid | null, after: Oid): AsyncGenerator<Difference> {
  const { limits } = objects;
  let visited = 0;
  async function* walk(from: Oid | null, to: Oid | null, folder: string, depth: number): AsyncGenerator<Difference> {
    if (depth > limits.depth) throw limitExceeded(folder, "names in a path", limits.depth);
    const [left, right] = await Promise.all([treeAt(objects, from), treeAt(objects, to)]);
    for (const { entry, ...oids } of changes(left, right)) {
      visited += 1;
      if (visited > limits.visits) throw limitExceeded("A difference", "files and folders", limits.visits);
      const path = folder + entry.name;
      if (isFolder(entry)) yield* walk(oids.before, oids.after, `${path}/`, depth + 1);
      else yield { path, ...oids, mode: oids.after === null ? ABSENT : entry.mode };
    }
  }
  if (before !== after) yield* walk(before, after, "", 1);
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
    if (before !== undefined && order < 0) yield { entry: before, before: before.oid, after: null };
    if (after !== undefined && order > 0) yield { entry: after, before: null, after: after.oid };
    if (before === undefined || after === undefined || order !== 0) continue;
    if (before.oid !== after.oid || before.mode !== after.mode)
      yield { entry: after, before: before.oid, after: after.oid };
  }
}

function compare(before: TreeEntry | undefined, after: TreeEntry | undefined): number {
  if (before === undefined) return 1;
  if (after === undefined) return -1;
  if (before.name === after.name && before.raw === null && after.raw === null && isFolder(before) === isFolder(after))
    return 0;
  return Buffer.compare(sortKey(before), sortKey(after));
}
