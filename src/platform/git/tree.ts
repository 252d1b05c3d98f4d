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
  /** Size of the encoded form, which bounds caches. */
  readonly sizeBytes: number;
}

/** The tree without entries. */
export const EMPTY_TREE: Tree = Object.freeze({ entries: [], byName: new Map<string, TreeEntry>(), sizeBytes: 0 });

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
  return { tree: { entries: sorted, byName: named(sorted), sizeBytes: content.length }, content };
}

/**
 * Reads a raw tree. Refuses everything that git itself would not write: other orders, a name twice, empty names, names
 * with a slash, zero-padded modes, a cut end. Throws `state.object.corrupt` or `state.limit.exceeded`.
 */
export function decodeTree(oid: Oid, content: Uint8Array, algorithm: Algorithm, maxEntries: number): Tree {
  const what = `Tree ${oid}`;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const oidSize = oidSizeBytes(algorithm);
  const entries: TreeEntry[] = [];
  let folders = 0;
  let before: Span | null = null;
  for (let at = 0; at < bytes.length; ) {
    if (entries.length === maxEntries) throw limitExceeded(what, "entries", maxEntries);
    const { entry, span } = decodeEntry(bytes, at, oidSize, what);
    if (before !== null && !isBefore(bytes, before, span)) throw corrupt(what, "its entries are not in order");
    before = span;
    entries.push(entry);
    if (span.isFolder) folders += 1;
    at = span.end + 1 + oidSize;
  }
  const tree = lazilyNamed(entries, content.length);
  // Order leaves only one way for a name to stand there twice: as a file and as a folder.
  const isMixed = folders > 0 && folders < entries.length;
  if (isMixed && tree.byName.size !== entries.filter((entry) => entry.raw === null).length)
    throw corrupt(what, "a name stands in it twice");
  return tree;
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
function lazilyNamed(entries: readonly TreeEntry[], sizeBytes: number): Tree {
  let byName: Tree["byName"] | undefined;
  return {
    entries,
    sizeBytes,
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
