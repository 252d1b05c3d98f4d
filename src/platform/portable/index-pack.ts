import { setImmediate } from "node:timers/promises";
import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import { corrupt, missing, objectId } from "../git/objects.ts";
import type { Placed } from "../git/print-pack-index.ts";
import { contentAt, entryAt, entryCrc, type EntryHead } from "./pack-entry.ts";
import { type Packed, type PackFile, readPacked } from "./pack.ts";

/** An object of a pack, as it was found there. */
export interface Indexed extends Placed {
  readonly kind: string;
  readonly sizeBytes: number;
}

/** Head of a pack: magic, version 2, and how many objects follow. */
const HEAD_BYTES = 12;
const MAGIC = "5041434b00000002";
const CHECKSUM_BYTES = 20;
/** Largest object that is taken from a server. One that a reader does not take is stored, so that verify can name it. */
const MAX_OBJECT_BYTES = 256 * 1024 * 1024;
/** Entries after which others get a turn. */
const TURN = 500;

/** How many objects a pack says it has. Throws `state.object.corrupt`. */
export function countOf({ file, path }: PackFile): number {
  const head = file.read(0, HEAD_BYTES);
  if (head.length < HEAD_BYTES || head.toString("hex", 0, 8) !== MAGIC) throw corrupt(`The pack ${path}`, "it is none");
  return head.readUInt32BE(8);
}

/**
 * Names every object of a pack, each inflated within the size that it names. Throws `state.object.corrupt` where one is damaged or made
 * from something that is not in the pack, `state.limit.exceeded`.
 */
export async function indexPack(pack: PackFile): Promise<readonly Indexed[]> {
  const known = new Map<Oid, number>();
  const found: Indexed[] = [];
  const baseOf = (oid: Oid): Packed => {
    const offset = known.get(oid);
    if (offset === undefined) throw missing(oid);
    return readPacked(pack, offset, () => undefined, baseOf);
  };
  const add = ({ offset, crc }: Scanned, { kind, content }: Packed): void => {
    const oid = objectId("sha1", kind, content);
    known.set(oid, offset);
    found.push({ oid, kind, sizeBytes: content.length, offset, crc });
  };
  let waiting: Scanned[] = [];
  for await (const entry of scanned(pack)) {
    if (entry.whole === null) waiting.push(entry);
    else add(entry, entry.whole);
  }
  while (waiting.length > 0) {
    const left: Scanned[] = [];
    for (const [i, entry] of waiting.entries()) {
      // One that names its base by id may come before that base is known.
      const isKnown = typeof entry.base !== "string" || known.has(entry.base);
      if (isKnown)
        add(
          entry,
          readPacked(pack, entry.offset, () => undefined, baseOf),
        );
      else left.push(entry);
      if (i % TURN === 0) await setImmediate();
    }
    if (left.length === waiting.length) throw corrupt(`The pack ${pack.path}`, "it lacks what others are made from");
    waiting = left;
  }
  return found.toSorted((a, b) => byCodePoint(a.oid, b.oid));
}

/** An entry as it was passed: an object that is whole by itself, or a delta with what it is made from. */
interface Scanned {
  readonly offset: number;
  readonly crc: number;
  readonly whole: Packed | null;
  readonly base: number | Oid | null;
}

async function* scanned(pack: PackFile): AsyncGenerator<Scanned> {
  const { file, path } = pack;
  const count = countOf(pack);
  let offset = HEAD_BYTES;
  for (let i = 0; i < count; i += 1) {
    const what = `The object at ${offset} of ${path}`;
    const entry: EntryHead = entryAt(file, offset, what);
    const { content, end } = contentAt(file, entry, MAX_OBJECT_BYTES, what);
    const crc = entryCrc(file, offset, end);
    if (entry.kind === null) yield { offset, crc, whole: null, base: entry.base };
    else yield { offset, crc, whole: { kind: entry.kind, content }, base: null };
    offset = end;
    if (i % TURN === 0) await setImmediate();
  }
  if (offset + CHECKSUM_BYTES !== file.sizeBytes) throw corrupt(`The pack ${path}`, "it does not end where it should");
}
