import { bytesOf, type Bytes } from "../bytes.ts";
import { chunks, typedValue, valueOf, type AxmlValue } from "./axml.ts";
import { apkProblems } from "./problems.ts";
import { stringPool, type StringPool } from "./string-pool.ts";

// Chunk types and flags of AOSP ResourceTypes.h.
const TABLE = 0x0002;
const STRING_POOL = 0x0001;
const PACKAGE = 0x0200;
const TYPE = 0x0201;
const SPARSE = 0x01;
const OFFSET16 = 0x02;
const COMPLEX = 0x0001;
const COMPACT = 0x0008;
const NO_ENTRY_32 = 0xffff_ffff;
const NO_ENTRY_16 = 0xffff;
const LONGEST_CHAIN = 16;

const outside = (message: string) => apkProblems.error("bad_resources", message);

/** Finds what a resource id stands for when no language, screen or other condition applies. */
export function resolveResource(table: Uint8Array, id: number): AxmlValue | undefined {
  const bytes = bytesOf(table, outside);
  if (bytes.u16(0) !== TABLE) throw outside("The resource table is not one");
  let wanted = id;
  for (let step = 0; step < LONGEST_CHAIN; step += 1) {
    const value = findValue(bytes, wanted);
    if (value?.kind !== "reference") return value;
    wanted = value.id;
  }
  throw outside("A resource refers to another one without end");
}

function findValue(bytes: Bytes, id: number): AxmlValue | undefined {
  let strings: StringPool | undefined;
  let fallback: AxmlValue | undefined;
  for (const chunk of chunks(bytes, bytes.u16(2), Math.min(bytes.u32(4), bytes.length))) {
    if (chunk.u16(0) === STRING_POOL) strings ??= stringPool(chunk);
    if (chunk.u16(0) !== PACKAGE || strings === undefined || chunk.u32(8) !== id >>> 24) continue;
    for (const type of chunks(chunk, chunk.u16(2), chunk.length)) {
      if (type.u16(0) !== TYPE || type.u8(8) !== ((id >>> 16) & 0xff)) continue;
      const value = entryValue(type, id & 0xffff, strings);
      if (value !== undefined && isDefault(type)) return value;
      fallback ??= value;
    }
  }
  return fallback;
}

/** The configuration of the default is all zeros behind its size. */
function isDefault(type: Bytes): boolean {
  const config = type.slice(20, type.u32(20));
  return config.subarray(4).every((byte) => byte === 0);
}

function entryValue(type: Bytes, index: number, strings: StringPool): AxmlValue | undefined {
  const offset = entryOffset(type, index);
  if (offset === undefined) return undefined;
  const at = type.u32(16) + offset;
  const flags = type.u16(at + 2);
  if ((flags & COMPACT) !== 0) return typedValue(flags >>> 8, type.u32(at + 4), strings);
  return (flags & COMPLEX) === 0 ? valueOf(type, at + type.u16(at), strings) : { kind: "other" };
}

function entryOffset(type: Bytes, index: number): number | undefined {
  const flags = type.u8(9);
  const count = type.u32(12);
  const table = type.u16(2);
  if (count > type.length / 2)
    throw outside(`A resource type of ${type.length} bytes says that it has ${count} entries`);
  if ((flags & SPARSE) !== 0) {
    for (let at = table; at < table + count * 4; at += 4) if (type.u16(at) === index) return type.u16(at + 2) * 4;
    return undefined;
  }
  if (index >= count) return undefined;
  if ((flags & OFFSET16) !== 0) {
    const offset = type.u16(table + index * 2);
    return offset === NO_ENTRY_16 ? undefined : offset * 4;
  }
  const offset = type.u32(table + index * 4);
  return offset === NO_ENTRY_32 ? undefined : offset;
}
