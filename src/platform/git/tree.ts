import { decodeUtf8 } from "../../kernel/text.ts";
import { limitExceeded } from "./limits.ts";
import { type Algorithm, corrupt, oidSizeBytes } from "./objects.ts";
import type { Oid } from "../../kernel/oid.ts";

/** Mode of a document. */
export const FILE = "100644";
/** Mode of a folder. */
export const FOLDER = "40000";

const MODE = /^[1-7][0-7]{4,5}$/;

/** One entry of a tree. */
export interface TreeEntry {
  readonly mode: string;
  /** Name for people; of a name that is not UTF-8 only a likeness, see `raw`. */
  readonly name: string;
  readonly oid: Oid;
  /** The name's bytes where they are not UTF-8: such an entry is kept as it is and never found by name. */
  readonly raw: Uint8Array | null;
}

/** A decoded tree: entries in git's order, and the ones that have a name by that name. */
export interface Tree {
  readonly entries: readonly TreeEntry[];
  readonly byName: ReadonlyMap<string, TreeEntry>;
  /** The encoded form, by which a later tree of the same folder is read faster. */
  readonly content: Uint8Array;
}

/** The tree without entries. */
export const EMPTY_TREE: Tree = Object.freeze({
  entries: [],
  byName: new Map<string, TreeEntry>(),
  content: new Uint8Array(),
});

/** Tells whether an entry is a folder. */
export function isFolder(entry: TreeEntry): boolean {
  return entry.mode === FOLDER;
}

/** Bytes by which git orders an entry: a folder sorts as if its name ended with a slash. */
export function sortKey(entry: TreeEntry): Uint8Array {
  const name = entry.raw ?? Buffer.from(entry.name, "utf8");
  return isFolder(entry) ? Buffer.concat([name, Buffer.of(0x2f)]) : name;
}

/** Makes a tree from entries in any order. */
export function treeOf(
  entries: readonly TreeEntry[],
  algorithm: Algorithm,
): { readonly tree: Tree; readonly content: Uint8Array } {
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
  const content = Buffer.concat(parts);
  if (entries.some((entry) => entry.oid.length !== 2 * oidSizeBytes(algorithm))) {
    throw corrupt("A new tree", "an entry has an id of another hash");
  }
  const sorted = keyed.map(({ entry }) => entry);
  return { tree: { entries: sorted, byName: named(sorted), content }, content };
}

/**
 * Reads a raw tree. Refuses everything that git itself would not write: other orders, a name twice, empty names, names
 * with a slash, zero-padded modes, a cut end. Throws `state.object.corrupt` or `state.limit.exceeded`. What has the same bytes at
 * the beginning or the end of a tree that was read before, `like`, is taken from there: equal bytes are equal entries.
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
  const shared = sharedWith(like, bytes, oidSize);
  const fresh: TreeEntry[] = [];
  let before = shared.before;
  let rest: number | undefined;
  for (let at = shared.at; at < bytes.length && shared.first + fresh.length <= maxEntries; ) {
    const { entry, span } = decodeEntry(bytes, at, oidSize, what);
    if (before !== null && !isBefore(bytes, before, span)) throw corrupt(what, "its entries are not in order");
    before = span;
    // The first entry of a shared end is only looked at for its place in the order.
    rest = shared.endsAt(at);
    if (rest !== undefined) break;
    fresh.push(entry);
    at = span.end + 1 + oidSize;
  }
  const tail = rest === undefined ? [] : like.entries.slice(rest);
  const entries = [...like.entries.slice(0, shared.first), ...fresh, ...tail];
  if (entries.length > maxEntries) throw limitExceeded(what, "entries", maxEntries);
  if (standsTwice(entries, fresh)) throw corrupt(what, "a name stands in it twice");
  return lazilyNamed(entries, content);
}

/** Order leaves only one way for a name to stand in a tree twice: as a file and as a folder. */
function standsTwice(entries: readonly TreeEntry[], fresh: readonly TreeEntry[]): boolean {
  const isMixed = entries.some(isFolder) && !entries.every(isFolder);
  if (!isMixed) return false;
  const names = new Map(fresh.filter(({ raw }) => raw === null).map((entry) => [entry.name, entry]));
  return entries.some((entry) => entry.raw === null && (names.get(entry.name) ?? entry) !== entry);
}

/** What a raw tree has in common with one that was read before. */
interface Shared {
  /** How many entries at the beginning, and the last of them. */
  readonly first: number;
  readonly before: Span | null;
  /** Where the first other entry begins. */
  readonly at: number;
  /** The entry of the other tree from which on all are the same, where that one begins here; asked in ascending order. */
  endsAt(at: number): number | undefined;
}

function sharedWith(like: Tree, bytes: Buffer, oidSize: number): Shared {
  const other = asBuffer(like.content);
  const head = sharedHead(other, bytes);
  const tail = bytes.length - sharedTail(other, bytes, head);
  let [first, last, at] = [0, 0, 0];
  for (let next = 0; first < like.entries.length; first += 1) {
    next = entryEnd(other, at, oidSize);
    if (next > head) break;
    [last, at] = [at, next];
  }
  let [index, theirs] = [first, at];
  const longer = bytes.length - other.length;
  return {
    first,
    before: first === 0 ? null : spanAt(bytes, last),
    at,
    endsAt(here) {
      if (here < tail) return undefined;
      for (; theirs < here - longer; index += 1) theirs = entryEnd(other, theirs, oidSize);
      return theirs === here - longer ? index : undefined;
    },
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How many bytes are the same at the beginning. */
function sharedHead(a: Buffer, b: Buffer): number {
  let low = 0;
  for (let high = Math.min(a.length, b.length); low < high; ) {
    const middle = (low + high + 1) >>> 1;
    if (a.compare(b, low, middle, low, middle) === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How many bytes are the same at the end, those of the beginning apart. */
function sharedTail(a: Buffer, b: Buffer, head: number): number {
  let low = 0;
  for (let high = Math.min(a.length, b.length) - head; low < high; ) {
    const middle = (low + high + 1) >>> 1;
    const isSame = a.compare(b, b.length - middle, b.length - low, a.length - middle, a.length - low) === 0;
    if (isSame) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where the entry ends that begins here, in a tree that was read before. */
function entryEnd(bytes: Buffer, at: number, oidSize: number): number {
  let end = at;
  while (bytes[end] !== 0) end += 1;
  return end + 1 + oidSize;
}

/** Where the name of the entry lies that begins here, in a tree that was read before. */
function spanAt(bytes: Buffer, at: number): Span {
  const start = bytes.indexOf(0x20, at) + 1;
  return { start, end: bytes.indexOf(0, start), isFolder: bytes.toString("latin1", at, start - 1) === FOLDER };
}

/** Where a name lies in a raw tree; `end` is the zero byte behind it. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly isFolder: boolean;
}

function decodeEntry(bytes: Buffer, at: number, oidSize: number, what: string): { entry: TreeEntry; span: Span } {
  const space = bytes.indexOf(0x20, at);
  const end = space < 0 ? -1 : bytes.indexOf(0, space);
  if (end < 0 || bytes.indexOf(0, at) !== end || end + 1 + oidSize > bytes.length)
    throw corrupt(what, "an entry is cut short");
  const mode = bytes.toString("latin1", at, space);
  if (mode !== FILE && mode !== FOLDER && !MODE.test(mode)) throw corrupt(what, "an entry has no valid mode");
  const start = space + 1;
  const name = bytes.subarray(start, end);
  if (end === start || name.includes(0x2f)) throw corrupt(what, "an entry has no valid name");
  // Hex digits of as many bytes as an id has are one.
  const oid = bytes.toString("hex", end + 1, end + 1 + oidSize) as Oid;
  return {
    entry: { mode, ...nameOf(name), oid },
    span: { start, end, isFolder: mode === FOLDER },
  };
}

/** Tells whether a name comes before another; a folder's ends with a slash. */
function isBefore(bytes: Buffer, a: Span, b: Span): boolean {
  const at = (span: Span, i: number) => {
    if (span.start + i < span.end) return bytes[span.start + i] ?? 0;
    return span.isFolder && span.start + i === span.end ? 0x2f : -1;
  };
  for (let i = 0; ; i += 1) {
    const [left, right] = [at(a, i), at(b, i)];
    if (left !== right) return left < right;
    if (left === -1) return false;
  }
}

/** Large trees are walked more often than they are asked for a name. */
function lazilyNamed(entries: readonly TreeEntry[], content: Uint8Array): Tree {
  let byName: Tree["byName"] | undefined;
  return {
    entries,
    content,
    get byName() {
      byName ??= named(entries);
      return byName;
    },
  };
}

function nameOf(raw: Buffer): Pick<TreeEntry, "name" | "raw"> {
  const name = raw.toString("utf8");
  // Lossy decoding writes U+FFFD; only then is it worth to ask whether the bytes really were UTF-8.
  if (!name.includes("\uFFFD")) return { name, raw: null };
  try {
    return { name: decodeUtf8(raw, "A name"), raw: null };
  } catch {
    return { name, raw: Uint8Array.from(raw) };
  }
}

function named(entries: readonly TreeEntry[]): ReadonlyMap<string, TreeEntry> {
  return new Map(entries.filter((entry) => entry.raw === null).map((entry) => [entry.name, entry]));
}
