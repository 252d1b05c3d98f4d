import type { Oid } from "../../kernel/oid.ts";
import { limitExceeded } from "./limits.ts";
import { type Algorithm, corrupt, oidSizeBytes } from "./objects.ts";
import { entriesIn, entryNamed, isFolder, sortKey, type TreeEntry } from "./tree-entry.ts";
import { entryEnd, sharedHead, sharedTail, Span } from "./tree-bytes.ts";

/** A tree that was held against the rules. Entries are made when somebody first asks: most trees of a history are only compared. */
export interface Tree {
  /** Entries in git's order. */
  readonly entries: readonly TreeEntry[];
  /** The entries that have a name, by that name. */
  readonly byName: ReadonlyMap<string, TreeEntry>;
  /** Finds an entry that has a name; the others are made only where many are asked for. */
  find(name: string): TreeEntry | undefined;
  readonly count: number;
  /** The encoded form, by which a later tree of the same folder is read faster. */
  readonly content: Buffer;
  /** Bytes of an id in it. */
  readonly oidSize: number;
  /** False where it surely has none. */
  readonly hasFiles: boolean;
  readonly hasFolders: boolean;
  /** What it was found to have in common with the tree that it was read with. */
  readonly since: Since | undefined;
}

/** Where a tree and an earlier one of these bytes may differ: from one place in both on, up to one in each. */
interface Since {
  readonly content: Buffer;
  readonly start: number;
  readonly theirEnd: number;
  readonly end: number;
}

type Known = Pick<Tree, "count" | "hasFiles" | "hasFolders" | "since">;

/** Entries that are looked for one by one; all of more are put by name. */
const FEW = 16;

class RawTree implements Tree {
  readonly content: Buffer;
  readonly oidSize: number;
  readonly count: number;
  readonly hasFiles: boolean;
  readonly hasFolders: boolean;
  readonly since: Since | undefined;
  #entries: readonly TreeEntry[] | undefined;
  #byName: ReadonlyMap<string, TreeEntry> | undefined;
  #asked = 0;

  constructor(content: Buffer, oidSize: number, has: Known, entries?: readonly TreeEntry[]) {
    this.content = content;
    this.oidSize = oidSize;
    this.count = has.count;
    this.hasFiles = has.hasFiles;
    this.hasFolders = has.hasFolders;
    this.since = has.since;
    this.#entries = entries;
  }

  get entries(): readonly TreeEntry[] {
    this.#entries ??= entriesIn(this, 0, this.content.length);
    return this.#entries;
  }

  get byName(): ReadonlyMap<string, TreeEntry> {
    this.#byName ??= new Map(this.entries.filter(({ raw }) => raw === null).map((entry) => [entry.name, entry]));
    return this.#byName;
  }

  find(name: string): TreeEntry | undefined {
    this.#asked += 1;
    return this.#asked > FEW || this.#byName !== undefined ? this.byName.get(name) : entryNamed(this, name);
  }
}

/** The tree without entries. */
export const EMPTY_TREE: Tree = new RawTree(Buffer.alloc(0), 0, {
  count: 0,
  hasFiles: false,
  hasFolders: false,
  since: undefined,
});

/** The same tree in memory of its own, to be kept for longer than the piece of a stream that it came with. */
export function ownTree(tree: Tree): Tree {
  // In the pool of small buffers each would keep what it shares its piece of the pool with.
  const content = Buffer.allocUnsafeSlow(tree.content.length);
  content.set(tree.content);
  const { count, hasFiles, hasFolders } = tree;
  return new RawTree(content, tree.oidSize, { count, hasFiles, hasFolders, since: undefined });
}

/** Makes a tree from entries in any order. */
export function treeOf(entries: readonly TreeEntry[], algorithm: Algorithm): Tree {
  const keyed = entries
    .map((entry) => ({ entry, key: sortKey(entry) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key));
  const parts: Uint8Array[] = [];
  for (const { entry } of keyed) {
    parts.push(
      Buffer.from(`${entry.mode} `, "latin1"),
      entry.raw ?? Buffer.from(entry.name, "utf8"),
      Buffer.of(0),
      Buffer.from(entry.oid, "hex"),
    );
  }
  const oidSize = oidSizeBytes(algorithm);
  if (entries.some((entry) => entry.oid.length !== 2 * oidSize))
    throw corrupt("A new tree", "an entry has an id of another hash");
  const sorted = keyed.map(({ entry }) => entry);
  const known: Known = {
    count: sorted.length,
    hasFiles: !sorted.every(isFolder),
    hasFolders: sorted.some(isFolder),
    since: undefined,
  };
  return new RawTree(Buffer.concat(parts), oidSize, known, sorted);
}

/**
 * Reads a raw tree. Refuses everything that git itself would not write: other orders, a name twice, empty names, names
 * with a slash, zero-padded modes, a cut end. Throws `state.object.corrupt` or `state.limit.exceeded`. What has the same bytes at
 * the beginning or the end of a tree that was read before, `like`, is not looked at again: equal bytes are equal entries.
 */
export function decodeTree(
  oid: Oid,
  content: Uint8Array,
  algorithm: Algorithm,
  maxEntries: number,
  like: Tree = EMPTY_TREE,
): Tree {
  const what = `Tree ${oid}`;
  const bytes = asBuffer(content);
  const oidSize = oidSizeBytes(algorithm);
  const shared = new Shared(like.content, bytes, oidSize);
  let [before, span] = [new Span(), new Span()];
  if (shared.last >= 0) before.take(bytes, shared.last, oidSize, what);
  let { first: count } = shared;
  let { hasFiles, hasFolders } = like;
  let at = shared.start;
  let isShared = false;
  while (at < bytes.length && count <= maxEntries) {
    span.take(bytes, at, oidSize, what);
    if (count > 0 && !before.isBefore(span, bytes)) throw corrupt(what, "its entries are not in order");
    // The first entry of a shared end is only looked at for its place in the order.
    isShared = shared.endsAt(at);
    if (isShared) break;
    if (span.isFolder) hasFolders = true;
    else hasFiles = true;
    count += 1;
    at = span.next;
    [before, span] = [span, before];
  }
  if (isShared) count += like.count - shared.index;
  if (count > maxEntries) throw limitExceeded(what, "entries", maxEntries);
  if (hasFiles && hasFolders && standsTwice(bytes, shared.start, at, oidSize))
    throw corrupt(what, "a name stands in it twice");
  const theirEnd = isShared ? shared.theirs : like.content.length;
  const since = { content: like.content, start: shared.start, theirEnd, end: at };
  return new RawTree(bytes, oidSize, { count, hasFiles, hasFolders, since });
}

/** Entries in which two trees may differ, in git's order: those between what they share at the beginning and at the end. */
export function unshared(
  left: Tree,
  right: Tree,
): readonly [lefts: readonly TreeEntry[], rights: readonly TreeEntry[]] {
  const { start, theirEnd, end } = right.since?.content === left.content ? right.since : compared(left, right);
  return [entriesIn(left, start, theirEnd), entriesIn(right, start, end)];
}

function compared({ content, oidSize }: Tree, right: Tree): Since {
  const shared = new Shared(content, right.content, oidSize || right.oidSize);
  const { start } = shared;
  let end = start;
  while (end < right.content.length && !shared.endsAt(end)) end = entryEnd(right.content, end, right.oidSize);
  const theirEnd = end < right.content.length ? shared.theirs : content.length;
  return { content, start, theirEnd, end };
}

/** What a raw tree has in common with one that was held against the rules. */
class Shared {
  /** How many entries at the beginning; where the last of them begins, or -1; and where the first other one does. */
  first = 0;
  last = -1;
  start = 0;
  /** Entry of the other tree that was looked at last for a shared end, by number and place. */
  index: number;
  theirs: number;
  readonly #other: Buffer;
  readonly #oidSize: number;
  /** Where the bytes that are the same at the end begin. */
  readonly #tail: number;
  readonly #longer: number;

  constructor(other: Buffer, bytes: Buffer, oidSize: number) {
    const head = sharedHead(other, bytes);
    this.#tail = bytes.length - sharedTail(other, bytes, head);
    this.#longer = bytes.length - other.length;
    this.#other = other;
    this.#oidSize = oidSize;
    while (this.start < other.length) {
      const next = entryEnd(other, this.start, oidSize);
      if (next > head) break;
      this.last = this.start;
      this.start = next;
      this.first += 1;
    }
    this.index = this.first;
    this.theirs = this.start;
  }

  /** Tells whether from here on all entries are those of the other tree's end; asked in ascending order. */
  endsAt(at: number): boolean {
    if (at < this.#tail) return false;
    for (; this.theirs < at - this.#longer; this.index += 1)
      this.theirs = entryEnd(this.#other, this.theirs, this.#oidSize);
    return this.theirs === at - this.#longer;
  }
}

/** Order leaves only one way for a name to stand in a tree twice: as a file and as a folder. At least one of them lies in the new part. */
function standsTwice(bytes: Buffer, start: number, end: number, oidSize: number): boolean {
  const fresh = new Map<string, number>();
  const span = new Span();
  const nameAt = (at: number) => {
    span.take(bytes, at, oidSize, "A tree");
    return bytes.toString("latin1", span.start, span.end);
  };
  for (let at = start; at < end; at = span.next) {
    const name = nameAt(at);
    if (fresh.has(name)) return true;
    fresh.set(name, at);
  }
  if (fresh.size <= FEW && ![...fresh].some(([name, at]) => mayStandAgain(bytes, name, at))) return false;
  for (let at = 0; at < bytes.length; at = span.next) if ((fresh.get(nameAt(at)) ?? at) !== at) return true;
  return false;
}

/** Tells whether the bytes of a name stand anywhere but in the entry that begins here: in another one, or by chance in an id. */
function mayStandAgain(bytes: Buffer, name: string, at: number): boolean {
  const needle = Buffer.from(` ${name}\0`, "latin1");
  const found = bytes.indexOf(needle);
  return found < at || bytes.includes(needle, at + needle.length);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
