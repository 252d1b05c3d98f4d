import { decodeUtf8 } from "../../kernel/text.ts";
import { limitExceeded } from "./limits.ts";
import { type Algorithm, corrupt, oidOf, oidSizeBytes } from "./objects.ts";
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
  const entries: TreeEntry[] = [];
  let before: Uint8Array | null = null;
  for (let at = 0; at < bytes.length; ) {
    if (entries.length === maxEntries) throw limitExceeded(what, "entries", maxEntries);
    const { entry, next } = decodeEntry(bytes, at, oidSizeBytes(algorithm), what);
    const key = sortKey(entry);
    if (before !== null && Buffer.compare(before, key) >= 0) throw corrupt(what, "its entries are not in order");
    before = key;
    entries.push(entry);
    at = next;
  }
  const byName = named(entries);
  if (byName.size !== entries.filter((entry) => entry.raw === null).length)
    throw corrupt(what, "a name stands in it twice");
  return { entries, byName, sizeBytes: content.length };
}

function decodeEntry(bytes: Buffer, at: number, oidSize: number, what: string): { entry: TreeEntry; next: number } {
  const space = bytes.indexOf(0x20, at);
  const zero = bytes.indexOf(0, at);
  const next = zero + 1 + oidSize;
  if (space < 0 || zero < space || next > bytes.length) throw corrupt(what, "an entry is cut short");
  const mode = bytes.toString("latin1", at, space);
  if (!MODE.test(mode)) throw corrupt(what, "an entry has no valid mode");
  const raw = bytes.subarray(space + 1, zero);
  if (raw.length === 0 || raw.includes(0x2f)) throw corrupt(what, "an entry has no valid name");
  const oid = oidOf(bytes.toString("hex", zero + 1, next), what);
  return { entry: { mode, ...nameOf(raw), oid }, next };
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
