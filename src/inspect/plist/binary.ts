import { bytesOf, type Bytes } from "../bytes.ts";
import { DEEPEST, MOST_NODES, plistProblems } from "./problems.ts";
import { dictionaryOf, type Plist } from "./value.ts";

// Layout of CFBinaryPList.c: "bplist00", objects, offset table, trailer of 32 bytes.
const TRAILER_BYTES = 32;
const HEADER_BYTES = 8;
/** Seconds from 1970 to 2001, when Apple's times begin. */
const EPOCH_2001 = 978_307_200;

const truncated = (message: string) => plistProblems.error("truncated", message);

interface Table {
  readonly bytes: Bytes;
  readonly count: number;
  readonly referenceBytes: number;
  readonly offsetOf: (object: number) => number;
}

/** Reads a binary property list. Objects may be shared, so values are counted as often as they are used. */
export function readBinaryPlist(content: Uint8Array): Plist {
  const bytes = bytesOf(content, truncated);
  const trailer = bytes.part(bytes.length - TRAILER_BYTES, TRAILER_BYTES);
  const offsetBytes = trailer.u8(6);
  const referenceBytes = trailer.u8(7);
  const count = big(trailer, 8, 8);
  const tableOffset = big(trailer, 24, 8);
  if (
    ![1, 2, 3, 4, 8].includes(offsetBytes) ||
    ![1, 2, 3, 4, 8].includes(referenceBytes) ||
    count > MOST_NODES ||
    tableOffset < HEADER_BYTES
  ) {
    throw plistProblems.error("bad_structure", `The property list cannot have ${count} objects`);
  }
  const table = bytes.part(tableOffset, count * offsetBytes);
  const offsetOf = (object: number) => {
    if (object >= count)
      throw plistProblems.error("bad_structure", `The property list refers to object ${object} of ${count}`);
    return big(table, object * offsetBytes, offsetBytes);
  };
  let nodes = 0;
  const path = new Set<number>();
  const read = (object: number): Plist => {
    nodes += 1;
    if (nodes > MOST_NODES)
      throw plistProblems.error("too_large", `The property list has more than ${MOST_NODES} values`);
    if (path.size > DEEPEST)
      throw plistProblems.error("too_deep", `The property list is more than ${DEEPEST} levels deep`);
    if (path.has(object)) throw plistProblems.error("cycle", "The property list contains itself");
    path.add(object);
    const value = readObject({ bytes, count, referenceBytes, offsetOf }, offsetOf(object), read);
    path.delete(object);
    return value;
  };
  return read(big(trailer, 16, 8));
}

function readObject(table: Table, at: number, read: (object: number) => Plist): Plist {
  const { bytes } = table;
  const marker = bytes.u8(at);
  const kind = marker >>> 4;
  const low = marker & 0x0f;
  if (marker === 0x08 || marker === 0x09) return marker === 0x09;
  if (kind === 1) return integer(bytes, at + 1, 2 ** low);
  if (kind === 2) return real(bytes, at + 1, 2 ** low);
  if (marker === 0x33) return new Date((real(bytes, at + 1, 8) + EPOCH_2001) * 1000);
  if (kind === 8) return big(bytes, at + 1, low + 1);
  const { length, start } = lengthAt(bytes, at, low);
  if (kind === 4) return bytes.slice(start, length);
  if (kind === 5) return new TextDecoder("latin1").decode(bytes.slice(start, length));
  if (kind === 6) return utf16BigEndian(bytes.slice(start, length * 2));
  if (kind === 0xa || kind === 0xc) return references(table, start, length).map(read);
  if (kind === 0xd) return dictionary(table, start, length, read);
  throw plistProblems.error(
    "bad_structure",
    `The property list holds a value of the unknown kind 0x${marker.toString(16)}`,
  );
}

function dictionary(table: Table, start: number, length: number, read: (object: number) => Plist): Plist {
  const keys = references(table, start, length).map(read);
  const values = references(table, start + length * table.referenceBytes, length).map(read);
  return dictionaryOf(
    keys.map((key, index) => {
      const value = values[index];
      if (typeof key !== "string" || value === undefined)
        throw plistProblems.error("bad_structure", "A key of the property list is no text");
      return [key, value] as const;
    }),
  );
}

/** Checks that all references fit before the list is made, so that a huge count costs nothing. */
function references({ bytes, referenceBytes }: Table, start: number, length: number): readonly number[] {
  if (length > MOST_NODES)
    throw plistProblems.error("too_large", `The property list has more than ${MOST_NODES} values`);
  const list = bytes.part(start, length * referenceBytes);
  return Array.from({ length }, (_, index) => big(list, index * referenceBytes, referenceBytes));
}

/** A length of 15 means that an integer with the real one follows. */
function lengthAt(bytes: Bytes, at: number, low: number): { readonly length: number; readonly start: number } {
  if (low !== 0x0f) return { length: low, start: at + 1 };
  const width = 2 ** (bytes.u8(at + 1) & 0x0f);
  if (bytes.u8(at + 1) >>> 4 !== 1 || width > 8)
    throw plistProblems.error("bad_structure", "A length in the property list is no integer");
  return { length: big(bytes, at + 2, width), start: at + 2 + width };
}

/** Integers of up to 4 bytes have no sign, those of 8 have one; 16 bytes occur with the upper half unused. */
function integer(bytes: Bytes, at: number, width: number): number {
  if (width === 16) return big(bytes, at + 8, 8);
  if (width !== 8) return big(bytes, at, width);
  return Number(viewOf(bytes, at, 8).getBigInt64(0));
}

function real(bytes: Bytes, at: number, width: number): number {
  if (width === 4) return viewOf(bytes, at, 4).getFloat32(0);
  if (width === 8) return viewOf(bytes, at, 8).getFloat64(0);
  throw plistProblems.error("bad_structure", `A number in the property list has ${width} bytes`);
}

/** A big-endian number without sign. */
function big(bytes: Bytes, at: number, width: number): number {
  let value = 0;
  for (const byte of bytes.slice(at, width)) value = value * 256 + byte;
  return value;
}

function viewOf(bytes: Bytes, at: number, width: number): DataView {
  const part = bytes.slice(at, width);
  return new DataView(part.buffer, part.byteOffset, width);
}

function utf16BigEndian(units: Uint8Array): string {
  return new TextDecoder("utf-16le").decode(Buffer.from(units).swap16());
}
