import type { Oid } from "../../kernel/oid.ts";
import { limitExceeded } from "../git/limits.ts";
import { LruCache } from "../../kernel/lru-cache.ts";
import { corrupt } from "../git/objects.ts";
import { applyDelta, deltaHead } from "./delta.ts";
import type { Accept } from "./loose-reader.ts";
import { type OpenFile, openFile } from "./open-file.ts";
import { contentAt, entryAt, type EntryHead } from "./pack-entry.ts";

/** Content of an object in a pack, not yet compared with its id. */
export interface Packed {
  readonly kind: string;
  readonly content: Uint8Array;
}

/** A pack that is read on the disk where it is asked. */
export interface PackFile {
  readonly path: string;
  readonly file: OpenFile;
  /** Objects that others were made from, by their offsets. */
  readonly bases: LruCache<number, Packed>;
}

/** Deltas upon deltas; git makes 50 at most unless it is told otherwise. */
const MAX_CHAIN = 4096;
/** Largest object that others are made from, and all deltas that lead from it to one object, which are held together. */
const MAX_BASE_BYTES = 64 * 1024 * 1024;
/** Bases that are kept, in bytes: neighbours in a history are made from the same ones. */
const BASE_CACHE_BYTES = 16 * 1024 * 1024;

/** Opens a pack; null where it is gone. */
export function openPackFile(path: string): PackFile | null {
  const file = openFile(path);
  if (file === null) return null;
  return { path, file, bases: new LruCache(BASE_CACHE_BYTES, ({ content }) => content.length + 100) };
}

/**
 * Reads the object at an offset: follows deltas to the object that they start from, then applies them. Sizes are asked before anything is
 * made; `baseOf` finds a base that a delta names by its id. Throws `state.object.corrupt`, `state.limit.exceeded`.
 */
export function readPacked(pack: PackFile, offset: number, accept: Accept, baseOf: (oid: Oid) => Packed): Packed {
  const what = `The object at ${offset} of ${pack.path}`;
  const deltas: { readonly offset: number; readonly delta: Uint8Array }[] = [];
  let roomBytes = MAX_BASE_BYTES;
  let base = pack.bases.get(offset);
  for (let at = offset; base === undefined; base = pack.bases.get(at)) {
    const entry = entryAt(pack.file, at, what);
    if (entry.kind !== null) {
      if (deltas.length === 0) return whole(pack, entry, entry.kind, accept, what);
      base = { kind: entry.kind, content: contentAt(pack.file, entry, MAX_BASE_BYTES, what).content };
      pack.bases.set(at, base);
      break;
    }
    const { content } = contentAt(pack.file, entry, roomBytes, what);
    roomBytes -= content.length;
    if (deltas.push({ offset: at, delta: content }) > MAX_CHAIN) throw corrupt(what, "its deltas do not end");
    if (typeof entry.base !== "number") {
      base = baseOf(entry.base);
      break;
    }
    at = entry.base;
  }
  return applied(pack, base, deltas, accept, what);
}

/** An object that is made from no other; it is not kept, however small it is: few of them are bases. */
function whole(pack: PackFile, entry: EntryHead, kind: string, accept: Accept, what: string): Packed {
  accept(kind, entry.sizeBytes);
  return { kind, content: contentAt(pack.file, entry, Number.MAX_SAFE_INTEGER, what).content };
}

function applied(
  pack: PackFile,
  base: Packed,
  deltas: readonly { readonly offset: number; readonly delta: Uint8Array }[],
  accept: Accept,
  what: string,
): Packed {
  const [last] = deltas;
  accept(base.kind, last === undefined ? base.content.length : deltaHead(last.delta, what).resultBytes);
  let made = base;
  for (const { offset, delta } of deltas.toReversed()) {
    if (deltaHead(delta, what).resultBytes > MAX_BASE_BYTES) throw limitExceeded(what, "bytes", MAX_BASE_BYTES);
    made = { kind: base.kind, content: applyDelta(made.content, delta, what) };
    pack.bases.set(offset, made);
  }
  return made;
}
