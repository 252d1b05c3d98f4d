import type { Oid } from "../../kernel/oid.ts";
import type { Difference } from "../../ports/git-store.ts";
import { type Folder, twinOf } from "./diff.ts";
import { limitExceeded, treeBytes } from "./limits.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { isFolder } from "./tree-entry.ts";
import { decodeTree, EMPTY_TREE, type Tree } from "./tree.ts";

/** A folder of the tree that is walked, with the wanted ones in it once it was read. */
interface Branch {
  readonly oid: Oid;
  readonly path: string;
  readonly depth: number;
  tree: Tree | null;
  below: Branch[];
}

/** Most folders that are read together, and how many bytes of them are aimed at. */
const TOGETHER = 1024;
const ENOUGH_BYTES = 1024 * 1024;
/** Folders that wait to be read, from which on only the next one is opened: a bomb of trees has a thousand in each of a thousand. */
const MANY_UNREAD = 50_000;
/** More than these are not taken together. */
const MOST_BYTES = 16 * ENOUGH_BYTES;

/**
 * Every file of a tree, as `diffTrees` tells them of one that is compared with nothing. Folders are read many at a time, those that
 * are walked next first, so that git is asked a thousandth as often, and no more is held than a few such readings.
 */
export async function* filesOf(
  objects: ObjectDatabase,
  root: () => Promise<Oid>,
  wanted: (folder: string) => boolean = () => true,
): AsyncGenerator<Difference> {
  const { limits } = objects;
  const ahead = new TreesAhead(objects, wanted);
  const top = ahead.add(await root(), "", 1);
  const stack = [walkOf(await ahead.read(top), top, undefined)];
  let visits = 0;
  for (let at = stack.at(-1); at !== undefined; at = stack.at(-1)) {
    const { folder, below, hasTwins } = at;
    const entry = folder.after.entries[at.next];
    at.next += 1;
    if (entry === undefined) {
      stack.pop();
      continue;
    }
    visits += 1;
    if (visits > limits.visits) throw limitExceeded("A difference", "files and folders", limits.visits);
    const path = folder.folder + entry.name;
    const next = isFolder(entry) ? below.at(-1) : undefined;
    if (isFolder(entry) && next?.path !== `${path}/`) continue;
    const twin = hasTwins || folder.twin !== undefined ? twinOf(folder, { entry, before: null }) : undefined;
    if (next === undefined) {
      const file = { path, before: null, after: entry.oid, mode: entry.mode };
      yield twin === undefined ? file : { ...file, twin };
    } else {
      below.pop();
      if (stack.length === limits.depth) throw limitExceeded(path, "names in a path", limits.depth);
      stack.push(walkOf(next.tree ?? (await ahead.read(next)), next, twin));
    }
  }
}

/** The folders in it are taken from the end, and from the folder that it was read into: what was walked is not needed any more. */
function walkOf(after: Tree, branch: Branch, twin: string | undefined) {
  const folder: Folder = { folder: branch.path, after, twin };
  const below = branch.below.toReversed();
  branch.below = [];
  return { folder, next: 0, below, hasTwins: holdsTwins(after) };
}

/** Names that are their own lower case. */
const LOWER = /^[\0-@[-\x7f]*$/;

function holdsTwins({ entries }: Tree): boolean {
  if (entries.every(({ name }) => LOWER.test(name))) return false;
  return new Set(entries.map(({ name }) => name.toLowerCase())).size < entries.length;
}

/** Folders of one depth that wait, the next one first. */
class Line {
  #all: Branch[] = [];
  #first = 0;

  add(branch: Branch): void {
    this.#all.push(branch);
  }

  take(most: number): readonly Branch[] {
    const taken = this.#all.slice(this.#first, this.#first + most);
    this.#first += taken.length;
    if (this.#first > TOGETHER && this.#first * 2 > this.#all.length) {
      this.#all = this.#all.slice(this.#first);
      this.#first = 0;
    }
    return taken;
  }

  putBack(branch: Branch): void {
    if (this.#first === 0) this.#all.unshift(branch);
    else {
      this.#first -= 1;
      this.#all[this.#first] = branch;
    }
  }
}

/** Reads folders before they are walked. */
class TreesAhead {
  readonly #objects: ObjectDatabase;
  readonly #wanted: (folder: string) => boolean;
  /** Folders that were not read, by depth, each in order: the deepest ones are walked first. */
  readonly #unread: Line[] = [];
  #unreadCount = 0;
  #together = 32;

  constructor(objects: ObjectDatabase, wanted: (folder: string) => boolean) {
    this.#objects = objects;
    this.#wanted = wanted;
  }

  add(oid: Oid, path: string, depth: number): Branch {
    const branch: Branch = { oid, path, depth, tree: null, below: [] };
    (this.#unread[depth] ??= new Line()).add(branch);
    this.#unreadCount += 1;
    return branch;
  }

  /** Reads a folder, which is the next one to be walked, and others with it unless very many wait. */
  async read(next: Branch): Promise<Tree> {
    const batch = this.#take(this.#unreadCount > MANY_UNREAD ? 1 : this.#together);
    this.#together = Math.min(TOGETHER, this.#together * 2);
    try {
      if (batch.length > 1) await this.#readAll(batch);
    } catch {
      this.#together = 1;
      this.#putBack(batch.slice(1));
    }
    // One that cannot be read says why when it is asked for by itself.
    return next.tree ?? this.#open(next, await this.#objects.tree(next.oid));
  }

  #take(most: number): readonly Branch[] {
    const batch: Branch[] = [];
    for (const line of this.#unread.toReversed()) batch.push(...(line?.take(most - batch.length) ?? []));
    this.#unreadCount -= batch.length;
    return batch;
  }

  #putBack(batch: readonly Branch[]): void {
    for (const branch of batch.toReversed()) this.#unread[branch.depth]?.putBack(branch);
    this.#unreadCount += batch.length;
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
    for (const [i, branch] of batch.entries()) {
      if (i > 0 && this.#unreadCount > MANY_UNREAD) return this.#putBack(batch.slice(i));
      this.#open(branch, trees.get(branch.oid) ?? EMPTY_TREE);
    }
    if (bytes > ENOUGH_BYTES) this.#together = Math.ceil(this.#together / 4);
  }

  #open(branch: Branch, tree: Tree): Tree {
    branch.tree = tree;
    // The entries of others are made when they are walked, and live no longer.
    if (!tree.hasFolders) return tree;
    for (const entry of tree.entries) {
      if (!isFolder(entry)) continue;
      const path = branch.path + entry.name;
      if (this.#wanted(path)) branch.below.push(this.add(entry.oid, `${path}/`, branch.depth + 1));
    }
    return tree;
  }
}
