import { bytesOf, type Bytes } from "../bytes.ts";
import type { BlockReader } from "../block-reader.ts";
import { zipProblems } from "./problems.ts";

/** Where the central directory lies, as the end records say. */
export interface ZipEnd {
  readonly entries: number;
  readonly directoryOffset: number;
  readonly directoryBytes: number;
  /** Where the (32-bit) end record begins. */
  readonly endOffset: number;
}

// Sizes and signatures: PKWARE APPNOTE 6.3.10, sections 4.3.14 to 4.3.16.
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const LONGEST_COMMENT = 65_535;
const END_SIGNATURE = 0x06054b50;
const LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIGNATURE = 0x06064b50;
const NOT_16 = 0xffff;
const NOT_32 = 0xffff_ffff;

const truncated = (message: string) => zipProblems.error("truncated", message);

/** Finds the one end record and checks that the directory ends where it begins. */
export async function findZipEnd(reader: BlockReader): Promise<ZipEnd> {
  const tailBytes = Math.min(reader.sizeBytes, END_BYTES + LONGEST_COMMENT);
  const tailOffset = reader.sizeBytes - tailBytes;
  const tail = await reader.read(tailOffset, tailBytes);
  const at = endRecordIn(tail);
  const record = bytesOf(tail, truncated).part(at, END_BYTES);
  const endOffset = tailOffset + at;
  const small = {
    disk: record.u16(4),
    directoryDisk: record.u16(6),
    entriesHere: record.u16(8),
    entries: record.u16(10),
    directoryBytes: record.u32(12),
    directoryOffset: record.u32(16),
  };
  const large = await zip64End(reader, endOffset);
  const end = large === null ? small : agreed(small, large.fields);
  if (end.disk !== 0 || end.directoryDisk !== 0 || end.entries !== end.entriesHere) {
    throw zipProblems.error("multi_disk", "The archive is one part of several");
  }
  const directoryEnd = large?.offset ?? endOffset;
  if (end.directoryOffset + end.directoryBytes !== directoryEnd) {
    throw zipProblems.error("directory_misplaced", "The directory does not end where the end record begins", {
      directory_offset: end.directoryOffset,
      directory_bytes: end.directoryBytes,
      end_offset: directoryEnd,
    });
  }
  return { entries: end.entries, directoryOffset: end.directoryOffset, directoryBytes: end.directoryBytes, endOffset };
}

/**
 * A record counts when its comment ends with the file. Two of them mean that two programs may see two archives.
 */
function endRecordIn(tail: Uint8Array): number {
  const bytes = bytesOf(tail, truncated);
  const found: number[] = [];
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail[at] !== 0x50 || bytes.u32(at) !== END_SIGNATURE) continue;
    if (at + END_BYTES + bytes.u16(at + 20) === tail.length) found.push(at);
  }
  const [at, other] = found;
  if (at === undefined) {
    throw zipProblems.error(
      "no_end_record",
      "The archive has no end record: it is cut short, or something was appended to it",
    );
  }
  if (other !== undefined)
    throw zipProblems.error("ambiguous_end", "The archive has two end records, one in the comment of the other");
  return at;
}

interface EndFields {
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesHere: number;
  readonly entries: number;
  readonly directoryBytes: number;
  readonly directoryOffset: number;
}

async function zip64End(
  reader: BlockReader,
  endOffset: number,
): Promise<{ readonly fields: EndFields; readonly offset: number } | null> {
  if (endOffset < LOCATOR_BYTES) return null;
  const locator = bytesOf(await reader.read(endOffset - LOCATOR_BYTES, LOCATOR_BYTES), truncated);
  if (locator.u32(0) !== LOCATOR_SIGNATURE) return null;
  const offset = locator.u64(8);
  if (locator.u32(4) !== 0 || locator.u32(16) > 1)
    throw zipProblems.error("multi_disk", "The archive is one part of several");
  const record = bytesOf(await reader.read(offset, END64_BYTES), truncated);
  if (record.u32(0) !== END64_SIGNATURE || offset + 12 + record.u64(4) !== endOffset - LOCATOR_BYTES) {
    throw zipProblems.error("zip64_mismatch", "The zip64 end record is not where its locator says");
  }
  return { fields: fields64(record), offset };
}

function fields64(record: Bytes): EndFields {
  return {
    disk: record.u32(16),
    directoryDisk: record.u32(20),
    entriesHere: record.u64(24),
    entries: record.u64(32),
    directoryBytes: record.u64(40),
    directoryOffset: record.u64(48),
  };
}

/** A field of the small record is either the marker "see zip64" or must say the same. */
function agreed(small: EndFields, large: EndFields): EndFields {
  const same = (key: keyof EndFields, marker: number) => small[key] === marker || small[key] === large[key];
  const narrow = (["disk", "directoryDisk", "entriesHere", "entries"] as const).every((key) => same(key, NOT_16));
  if (narrow && same("directoryBytes", NOT_32) && same("directoryOffset", NOT_32)) return large;
  throw zipProblems.error("zip64_mismatch", "The two end records of the archive disagree");
}
