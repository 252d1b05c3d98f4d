import type { Oid } from "../../kernel/oid.ts";
import { corrupt } from "../git/objects.ts";
import { unsupported } from "./unsupported.ts";
import { type OpenFile, openFile } from "./open-file.ts";

const OID_BYTES = 20;
/** Magic and version, then a table of 256 counts. */
const HEAD_BYTES = 8 + 256 * 4;
const VERSION_2 = "ff744f6300000002";
const LARGE = 0x8000_0000;
/** Names that are read in one go once a search has come so near. */
const NEAR = 64;

/** The index of a pack, searched on the disk: only the table of counts is in memory. Source: gitformat-pack(5). */
export interface PackIndex {
  /** Where an object begins in the pack. */
  find(oid: Oid): number | undefined;
  close(): void;
}

/** Opens the index of a pack; null where it is gone. Throws `state.repository.unsupported` for another version. */
export function openPackIndex(path: string): PackIndex | null {
  const file = openFile(path);
  if (file === null) return null;
  const head = file.read(0, HEAD_BYTES);
  if (head.toString("hex", 0, 8) !== VERSION_2) {
    file.close();
    throw unsupported(path, "it has a pack with an index of an old version", "git repack -ad writes it anew");
  }
  const counts = Array.from({ length: 256 }, (_, i) => (head.length < HEAD_BYTES ? 0 : head.readUInt32BE(8 + i * 4)));
  const count = counts[255] ?? 0;
  // Names, then a checksum and an offset for each, then two checksums of files.
  if (file.sizeBytes < HEAD_BYTES + count * (OID_BYTES + 8) + 2 * OID_BYTES) {
    file.close();
    throw corrupt(`The index ${path}`, "it is cut short");
  }
  return { find: (oid) => find(file, counts, count, oid), close: () => file.close() };
}

function find(file: OpenFile, counts: readonly number[], count: number, oid: Oid): number | undefined {
  const wanted = Buffer.from(oid, "hex");
  const first = wanted[0] ?? 0;
  let low = first === 0 ? 0 : (counts[first - 1] ?? 0);
  let high = counts[first] ?? 0;
  while (high - low > NEAR) {
    const middle = (low + high) >>> 1;
    if (namesAt(file, middle, 1).compare(wanted) <= 0) low = middle;
    else high = middle;
  }
  const near = namesAt(file, low, Math.max(0, high - low));
  for (let i = 0; i * OID_BYTES < near.length; i += 1)
    if (near.compare(wanted, 0, OID_BYTES, i * OID_BYTES, (i + 1) * OID_BYTES) === 0)
      return offsetAt(file, count, low + i);
  return undefined;
}

function namesAt(file: OpenFile, at: number, many: number): Buffer {
  return file.read(HEAD_BYTES + at * OID_BYTES, many * OID_BYTES);
}

function offsetAt(file: OpenFile, count: number, at: number): number {
  const offsets = HEAD_BYTES + count * (OID_BYTES + 4);
  const short = file.read(offsets + at * 4, 4).readUInt32BE();
  if (short < LARGE) return short;
  const long = file.read(offsets + count * 4 + (short - LARGE) * 8, 8);
  return long.length === 8 ? Number(long.readBigUInt64BE()) : Number.MAX_SAFE_INTEGER;
}
