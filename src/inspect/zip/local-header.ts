import { printable } from "../../kernel/text.ts";
import { bytesOf } from "../bytes.ts";
import type { ZipEntry } from "./entry.ts";
import { zipProblems } from "./problems.ts";

// PKWARE APPNOTE 6.3.10, section 4.3.7.
const FIXED_BYTES = 30;
const SIGNATURE = 0x04034b50;
const NOT_32 = 0xffff_ffff;
/** Bit 3: sizes and checksum follow the content. */
const DESCRIPTOR_FLAG = 1 << 3;
/** Bits that must say the same in both headers: encrypted, descriptor. */
const COMPARED_FLAGS = 1 | DESCRIPTOR_FLAG;

const truncated = (message: string) => zipProblems.error("truncated", message);

/** Bytes of an entry's local header up to the end of its name. */
export function localHeaderBytes(entry: ZipEntry): number {
  return FIXED_BYTES + entry.nameBytes.length;
}

/**
 * Compares a local header with the directory, because some programs read the one and some the other.
 * Answers where the content begins.
 */
export function judgeLocalHeader(entry: ZipEntry, header: Uint8Array): number {
  const local = bytesOf(header, truncated);
  const sameSizes = [
    [local.u32(14), entry.crc32],
    [local.u32(18), entry.packedBytes],
    [local.u32(22), entry.sizeBytes],
  ].every(
    ([said, known], index) =>
      said === known || (index > 0 && said === NOT_32) || (said === 0 && (entry.flags & DESCRIPTOR_FLAG) !== 0),
  );
  const same =
    local.u32(0) === SIGNATURE &&
    (local.u16(6) & COMPARED_FLAGS) === (entry.flags & COMPARED_FLAGS) &&
    local.u16(8) === entry.method &&
    local.u16(26) === entry.nameBytes.length &&
    sameSizes &&
    local.slice(FIXED_BYTES, entry.nameBytes.length).every((byte, index) => byte === entry.nameBytes[index]);
  if (!same) {
    throw zipProblems.error("local_mismatch", `${printable(entry.name)} is described in two ways by the archive`, {
      name: printable(entry.name),
    });
  }
  return entry.headerOffset + localHeaderBytes(entry) + local.u16(28);
}

/**
 * Judges every local header while the file goes by, without another read.
 * @param entries in the order of their content, not overlapping
 * @param endOffset where the content of the last one must have ended
 */
export function localHeaderWatch(
  entries: readonly ZipEntry[],
  endOffset: number,
): (bytes: Uint8Array, offset: number) => void {
  const scratch = new Uint8Array(FIXED_BYTES + 1024);
  let index = 0;
  return (bytes, offset) => {
    for (let entry = entries[index]; entry !== undefined; entry = entries[index]) {
      const start = entry.headerOffset;
      const stop = start + localHeaderBytes(entry);
      const from = Math.max(start, offset);
      const to = Math.min(stop, offset + bytes.length);
      if (from < to) scratch.set(bytes.subarray(from - offset, to - offset), from - start);
      if (offset + bytes.length < stop) return;
      const contentOffset = judgeLocalHeader(entry, scratch.subarray(0, stop - start));
      if (contentOffset + entry.packedBytes > (entries[index + 1]?.headerOffset ?? endOffset)) {
        throw zipProblems.error("overlap", `${printable(entry.name)} reaches into what comes after it`, {
          name: printable(entry.name),
        });
      }
      index += 1;
    }
  };
}
