import type { Bytes } from "../bytes.ts";
import { apkProblems } from "./problems.ts";

/** Strings of a binary manifest or resource table, decoded when they are asked for. */
export interface StringPool {
  readonly at: (index: number) => string | undefined;
}

const MOST_STRINGS = 1_000_000;
const LONGEST_STRING = 65_535;
const UTF8_FLAG = 1 << 8;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const utf16 = new TextDecoder("utf-16le", { ignoreBOM: true });

/** Reads a string pool chunk. Source: ResStringPool_header in AOSP ResourceTypes.h. */
export function stringPool(chunk: Bytes): StringPool {
  const count = chunk.u32(8);
  const isUtf8 = (chunk.u32(16) & UTF8_FLAG) !== 0;
  const headerBytes = chunk.u16(2);
  const start = chunk.u32(20);
  if (count > MOST_STRINGS || headerBytes + count * 4 > chunk.length) {
    throw apkProblems.error("bad_manifest", `A list of ${count} strings does not fit into ${chunk.length} bytes`);
  }
  return {
    at: (index) => {
      if (index >= count) return undefined;
      const at = start + chunk.u32(headerBytes + index * 4);
      return isUtf8 ? utf8At(chunk, at) : utf16At(chunk, at);
    },
  };
}

/** Two lengths, in UTF-16 units and in bytes, each of one or two bytes with the high bit as the mark. */
function utf8At(chunk: Bytes, start: number): string {
  const afterUnits = start + ((chunk.u8(start) & 0x80) === 0 ? 1 : 2);
  const first = chunk.u8(afterUnits);
  const isLong = (first & 0x80) !== 0;
  const length = isLong ? ((first & 0x7f) << 8) | chunk.u8(afterUnits + 1) : first;
  return utf8.decode(chunk.slice(afterUnits + (isLong ? 2 : 1), length));
}

/** One length in units, of two or four bytes. */
function utf16At(chunk: Bytes, start: number): string {
  const first = chunk.u16(start);
  const isLong = (first & 0x8000) !== 0;
  const units = isLong ? ((first & 0x7fff) << 16) | chunk.u16(start + 2) : first;
  if (units > LONGEST_STRING) throw apkProblems.error("bad_manifest", `A string has ${units} characters`);
  return utf16.decode(chunk.slice(start + (isLong ? 4 : 2), units * 2));
}
