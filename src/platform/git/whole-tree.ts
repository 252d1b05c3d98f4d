import type { Oid } from "../../kernel/oid.ts";
import type { Difference } from "../../ports/git-store.ts";
import { changes, differenceOf, type Folder, twinOf } from "./diff.ts";
import { limitExceeded, treeBytes } from "./limits.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { decodeTree, EMPTY_TREE, isFolder, type Tree } from "./tree.ts";

/** A folder of the tree that is walked, with the wanted ones in it once it was read. */
interface Branch {
  readonly oid: Oid;
  readonly path: string;
  readonly depth: number;
  tree: Tree | null;
  readonly below: Branch[];
}

/** Most folders that are read together, and how many bytes of them are aimed at. */
const TOGETHER = 1024;
const ENOUGH_BYTES = 1024 * 1024;
/** More than these are not taken together. */
const MOST_BYTES = 16 * ENOUGH_BYTES;

/**
 * Every file of a tree, as `diffTrees` tells them of one that is compared with nothing. Folders are read many at a time, those that
 * are walked next first, so that git is asked a thousandth as often, and no more is held than a few such readings.
 */
export async function* filesOf(
  objects: ObjectDatabase,
  root: Oid,
  wanted: (folder: string) => boolean = () => true,
): AsyncGenerator<Difference> {
  const { limits } = objects;
  const ahead = new TreesAhead(objects, wanted);
  const top = ahead.add(root, "", 1);
  const stack = [walkOf(await ahead.read(top), top, undefined)];
  let visits = 0;
  for (let at = stack.at(-1); at !== undefined; at = stack.at(-1)) {
    const { folder, left, below, hasTwins } = at;
    const change = left.pop();
    if (change === undefined) {
      stack.pop();
      continue;
    }
    visits += 1;
    if (visits > limits.visits) throw limitExceeded("A difference", "files and folders", limits.visits);
    const path = folder.folder + change.entry.name;
    const next = isFolder(change.entry) ? below.at(-1) : undefined;
    if (isFolder(change.entry) && next?.path !== `${path}/`) continue;
    const twin = hasTwins || folder.twin !== undefined ? twinOf(folder, change) : undefined;
    if (next === undefined) yield differenceOf(path, change, twin);
    else {
      below.pop();
      if (stack.length === limits.depth) throw limitExceeded(path, "names in a path", limits.depth);
      stack.push(walkOf(next.tree ?? (await ahead.read(next)), next, twin));
    }
  }
}

/** Taken from the end, since what was walked is not needed any more. */
function walkOf(after: Tree, { path, below }: Branch, twin: string | undefined) {
  const folder: Folder = { folder: path, after, twin };
  const hasTwins = new Set(after.entries.map(({ name }) => name.toLowerCase())).size < after.entries.length;
  return { folder, left: changes(EMPTY_TREE, after).toReversed(), below: below.toReversed(), hasTwins };
}

/** Reads folders before they are walked. */
class TreesAhead {
  readonly #objects: ObjectDatabase;
  readonly #wanted: (folder: string) => boolean;
  /** Folders that were not read, by depth, each in order: the deepest ones are walked first. */
  readonly #unread: Branch[][] = [];
  #together = 32;

  constructor(objects: ObjectDatabase, wanted: (folder: string) => boolean) {
    this.#objects = objects;
    this.#wanted = wanted;
  }

  add(oid: Oid, path: string, depth: number): Branch {
    const branch: Branch = { oid, path, depth, tree: null, below: [] };
    (this.#unread[depth] ??= []).push(branch);
    return branch;
  }

  /** Reads a folder, which is the next one to be walked, and others with it. */
  async read(next: Branch): Promise<Tree> {
    const batch = this.#take();
    try {
      await this.#readAll(batch);
    } catch {
      this.#putBack(batch.slice(1));
    }
    // One that cannot be read says why when it is asked for by itself.
    return next.tree ?? this.#open(next, await this.#objects.tree(next.oid));
  }

  #take(): readonly Branch[] {
    const batch: Branch[] = [];
    for (const level of this.#unread.toReversed())
      batch.push(...(level?.splice(0, this.#together - batch.length) ?? []));
    return batch;
  }

  #putBack(batch: readonly Branch[]): void {
    this.#together = 1;
    for (const branch of batch.toReversed()) this.#unread[branch.depth]?.unshift(branch);
  }

  async #readAll(batch: readonly Branch[]): Promise<void> {
    const { limits, algorithm } = this.#objects;
    let bytes = 0;
    const add = (sizeBytes: number) => {
      bytes += sizeBytes;
      if (sizeBytes > treeBytes(limits) || bytes > MOST_BYTES) throw limitExceeded("Folders", "bytes", MOST_BYTES);
    };
    // One tree may stand in a million places.
    const oids = [...new Set(batch.map(({ oid }) => oid))];
    const contents = await this.#objects.readAll(oids, "tree", add);
    const trees = new Map(
      oids.map((oid, i) => [oid, decodeTree(oid, contents[i] ?? new Uint8Array(), algorithm, limits.entries)]),
    );
    bytes = 0;
    for (const { oid } of batch) add(trees.get(oid)?.content.length ?? 0);
    for (const branch of batch) this.#open(branch, trees.get(branch.oid) ?? EMPTY_TREE);
    this.#together = bytes > ENOUGH_BYTES ? Math.ceil(this.#together / 2) : Math.min(TOGETHER, this.#together * 2);
  }

  #open(branch: Branch, tree: Tree): Tree {
    branch.tree = tree;
    for (const entry of tree.entries) {
      const path = branch.path + entry.name;
      if (isFolder(entry) && this.#wanted(path)) branch.below.push(this.add(entry.oid, `${path}/`, branch.depth + 1));
    }
    return tree;
  }
}
