import { constants, crc32, inflateSync, type ZlibOptions } from "node:zlib";
import type { Oid } from "../../kernel/oid.ts";
import { limitExceeded } from "../git/limits.ts";
import { corrupt, oidOf } from "../git/objects.ts";
import type { OpenFile } from "./open-file.ts";

const KINDS: Readonly<Record<number, string>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const OFS_DELTA = 6;
const REF_DELTA = 7;
/** Longest head of an entry: a size of ten bytes, and an id. */
const HEAD_BYTES = 32;

/** Head of an entry of a pack. A delta has no kind, and leads to an offset of this pack or to an object by id. */
export type EntryHead = { readonly offset: number; readonly sizeBytes: number; readonly at: number } & (
  | { readonly kind: string }
  | { readonly kind: null; readonly base: number | Oid }
);

/** Reads the head of the entry at an offset. Throws `state.object.corrupt`. Source: gitformat-pack(5). */
export function entryAt(file: OpenFile, offset: number, what: string): EntryHead {
  const head = file.read(offset, HEAD_BYTES);
  const { type, sizeBytes, at } = sizeOf(head, what);
  const kind = KINDS[type];
  if (kind !== undefined) return { offset, kind, sizeBytes, at: offset + at };
  if (type === REF_DELTA) {
    const base = oidOf(head.toString("hex", at, at + 20), what);
    return { offset, kind: null, base, sizeBytes, at: offset + at + 20 };
  }
  if (type !== OFS_DELTA) throw corrupt(what, "it is of no kind that git has");
  const back = distanceAt(head, at, what);
  if (back.distance === 0 || back.distance > offset) throw corrupt(what, "its delta leads out of the pack");
  return { offset, kind: null, base: offset - back.distance, sizeBytes, at: offset + back.at };
}

/** Three bits of kind and a size of up to 53 bits. */
function sizeOf(
  head: Buffer,
  what: string,
): { readonly type: number; readonly sizeBytes: number; readonly at: number } {
  const first = head[0] ?? 0;
  let sizeBytes = first & 0x0f;
  let byte = first;
  let at = 1;
  for (let factor = 16; byte >= 0x80 && at < 8; factor *= 128, at += 1) {
    byte = head[at] ?? 0;
    sizeBytes += (byte & 0x7f) * factor;
  }
  if (byte >= 0x80 || head.length < at) throw corrupt(what, "its head is cut short");
  return { type: (first >> 4) & 7, sizeBytes, at };
}

/** How far back the base of a delta begins. Each byte but the first counts from one on. */
function distanceAt(head: Buffer, from: number, what: string): { readonly distance: number; readonly at: number } {
  let distance = 0;
  for (let at = from; at < from + 7; at += 1) {
    const byte = head[at];
    if (byte === undefined) break;
    distance = distance * 128 + (byte & 0x7f);
    if (byte < 0x80) return { distance, at: at + 1 };
    distance += 1;
  }
  throw corrupt(what, "its delta does not say what it is made from");
}

/** Content of an entry, never more than its head names, with where the entry ends. Throws `state.object.corrupt`, `state.limit.exceeded`. */
export function contentAt(
  file: OpenFile,
  { at, sizeBytes }: EntryHead,
  maxBytes: number,
  what: string,
): { readonly content: Buffer; readonly end: number } {
  if (sizeBytes > maxBytes) throw limitExceeded(what, "bytes", maxBytes);
  // What deflate makes is hardly longer than what it was made from; other makers may need more.
  for (let length = sizeBytes + (sizeBytes >> 8) + 64; ; length *= 4) {
    const compressed = file.read(at, length);
    const inflated = inflate(compressed, sizeBytes, what);
    if (inflated !== null) return { content: inflated.content, end: at + inflated.takenBytes };
    if (compressed.length < length) throw corrupt(what, "it is cut short");
  }
}

/** Null where the bytes end too early. */
function inflate(bytes: Buffer, sizeBytes: number, what: string) {
  const options: ZlibOptions = { maxOutputLength: Math.max(sizeBytes, 1), finishFlush: constants.Z_FINISH, info: true };
  try {
    // With `info` Node answers the engine too, which knows how many bytes it took; the type declares the content alone.
    const { buffer, engine } = inflateSync(bytes, options) as unknown as Inflated;
    if (buffer.length === sizeBytes) return { content: buffer, takenBytes: engine.bytesWritten };
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "Z_BUF_ERROR") return null;
    throw corrupt(what, "it does not inflate to the size that it names", cause);
  }
  throw corrupt(what, "it does not inflate to the size that it names");
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Checksum of an entry as it lies in the pack, which an index keeps. */
export function entryCrc(file: OpenFile, from: number, end: number): number {
  return crc32(file.read(from, end - from));
}
