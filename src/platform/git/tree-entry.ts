import { isUtf8 } from "node:buffer";
import type { Oid } from "../../kernel/oid.ts";
import { Span } from "./tree-bytes.ts";

/** Mode of a document. */
export const FILE = "100644";
/** Mode of a folder. */
export const FOLDER = "40000";

/** One entry of a tree. */
export interface TreeEntry {
  readonly mode: string;
  /** Name for people; of a name that is not UTF-8 only a likeness, see `raw`. */
  readonly name: string;
  readonly oid: Oid;
  /** The name's bytes where they are not UTF-8: such an entry is kept as it is and never found by name. */
  readonly raw: Uint8Array | null;
}

/** Tells whether an entry is a folder. */
export function isFolder(entry: TreeEntry): boolean {
  return entry.mode === FOLDER;
}

/** Bytes by which git orders an entry: a folder sorts as if its name ended with a slash. */
export function sortKey(entry: TreeEntry): Uint8Array {
  const name = entry.raw ?? Buffer.from(entry.name, "utf8");
  return isFolder(entry) ? Buffer.concat([name, Buffer.of(0x2f)]) : name;
}

/** A raw tree that was held against the rules. */
interface RawTree {
  readonly content: Buffer;
  /** Bytes of an id in it. */
  readonly oidSize: number;
}

/** Makes the entries between two places where entries begin. */
export function entriesIn({ content, oidSize }: RawTree, start: number, end: number): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  const span = new Span();
  for (let at = start; at < end; at = span.next) {
    span.take(content, at, oidSize, "A tree");
    entries.push(entryAt(content, span));
  }
  return entries;
}

/** Finds the entry of a name without making the others. */
export function entryNamed({ content, oidSize }: RawTree, name: string): TreeEntry | undefined {
  const needle = Buffer.from(`${name}\0`, "utf8");
  let at = 0;
  for (let found = content.indexOf(needle); found >= 0; found = content.indexOf(needle, at)) {
    // The same bytes may stand in an id, or at the end of a longer name.
    let next = at;
    for (; next <= found; next = content.indexOf(0, next) + 1 + oidSize) at = next;
    const span = new Span();
    span.take(content, at, oidSize, "A tree");
    if (span.start === found) {
      const entry = entryAt(content, span);
      // A name that is no text is written like another one.
      return entry.raw === null && entry.name === name ? entry : undefined;
    }
    at = next;
  }
  return undefined;
}

function entryAt(bytes: Buffer, span: Span): TreeEntry {
  // Hex digits of as many bytes as an id has are one.
  const oid = bytes.toString("hex", span.end + 1, span.next) as Oid;
  const mode = span.isFolder ? FOLDER : span.isFile ? FILE : bytes.toString("latin1", span.at, span.start - 1);
  const name = bytes.toString("utf8", span.start, span.end);
  // Lossy decoding writes U+FFFD; only then is it worth to ask whether the bytes really were UTF-8.
  if (!name.includes("\uFFFD")) return { mode, name, oid, raw: null };
  const raw = bytes.subarray(span.start, span.end);
  return { mode, name, oid, raw: isUtf8(raw) ? null : Uint8Array.from(raw) };
}
