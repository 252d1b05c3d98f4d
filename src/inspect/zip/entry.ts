import { bytesOf, type Bytes } from "../bytes.ts";
import { nameProblem } from "../archive-name.ts";
import { printable } from "../../kernel/text.ts";
import { cp437 } from "./cp437.ts";
import { zipProblems } from "./problems.ts";

/** One entry as the central directory says. */
export interface ZipEntry {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly headerOffset: number;
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

/** Fixed part of a directory entry. PKWARE APPNOTE 6.3.10, section 4.3.12. */
const FIXED_BYTES = 46;
const SIGNATURE = 0x02014b50;
const LONGEST_NAME = 1024;
const ZIP64_FIELD = 0x0001;
const NOT_16 = 0xffff;
const NOT_32 = 0xffff_ffff;
/** Bits 0 and 6 say encrypted, bit 13 masked headers, bit 5 a patch; none of them can be read. */
const UNREADABLE_FLAGS = 0b0010_0000_0110_0001;
/** Bit 11: the name is UTF-8. */
const UTF8_FLAG = 1 << 11;
const STORED = 0;
const DEFLATED = 8;
const UNIX = 3;
const DARWIN = 19;
const LINK_TYPE = 0o12;

const truncated = (message: string) => zipProblems.error("truncated", message);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the directory entry at a position and says where the next one begins. */
export function readEntry(directory: Bytes, at: number): { readonly entry: ZipEntry; readonly next: number } {
  if (directory.u32(at) !== SIGNATURE)
    throw zipProblems.error("bad_entry", "The directory holds something that is no entry", { offset: at });
  const nameBytes = directory.slice(at + FIXED_BYTES, directory.u16(at + 28));
  const extra = directory.slice(at + FIXED_BYTES + nameBytes.length, directory.u16(at + 30));
  const flags = directory.u16(at + 8);
  const name = nameOf(nameBytes, flags);
  const sizes = sizesOf(directory, at, extra, name);
  const method = directory.u16(at + 10);
  judge(name, flags, method, sizes);
  const madeBy = directory.u8(at + 5);
  const type = madeBy === UNIX || madeBy === DARWIN ? directory.u16(at + 40) >>> 12 : 0;
  return {
    entry: {
      name,
      // A copy, so that one name does not keep the whole directory in memory.
      nameBytes: nameBytes.slice(),
      flags,
      method,
      crc32: directory.u32(at + 16),
      ...sizes,
      isFolder: name.endsWith("/"),
      isLink: type === LINK_TYPE,
    },
    next: at + FIXED_BYTES + nameBytes.length + extra.length + directory.u16(at + 32),
  };
}

interface Sizes {
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly headerOffset: number;
}

/** Fields that are too small for their value lie in the zip64 extra field, in this order (section 4.5.3). */
function sizesOf(directory: Bytes, at: number, extra: Uint8Array, name: string): Sizes {
  const small = {
    sizeBytes: directory.u32(at + 24),
    packedBytes: directory.u32(at + 20),
    headerOffset: directory.u32(at + 42),
  };
  const disk = directory.u16(at + 34);
  const wide = Object.values(small).some((value) => value === NOT_32) ? zip64Field(extra) : null;
  let position = 0;
  const widened = (value: number): number => {
    if (value !== NOT_32 || wide === null) return value;
    position += 8;
    return wide.u64(position - 8);
  };
  const sizeBytes = widened(small.sizeBytes);
  const packedBytes = widened(small.packedBytes);
  const headerOffset = widened(small.headerOffset);
  if (disk !== 0 && disk !== NOT_16)
    throw zipProblems.error("multi_disk", `${printable(name)} lies in another part of the archive`);
  return { sizeBytes, packedBytes, headerOffset };
}

function zip64Field(extra: Uint8Array): Bytes | null {
  const fields = bytesOf(extra, truncated);
  for (let at = 0; at + 4 <= extra.length; at += 4 + fields.u16(at + 2)) {
    if (fields.u16(at) === ZIP64_FIELD) return fields.part(at + 4, fields.u16(at + 2));
  }
  return null;
}

function nameOf(bytes: Uint8Array, flags: number): string {
  if (bytes.length > LONGEST_NAME)
    throw zipProblems.error("name_invalid", `A name has ${bytes.length} bytes, allowed are ${LONGEST_NAME}`);
  if ((flags & UTF8_FLAG) === 0) return cp437(bytes);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw zipProblems.error("name_invalid", "A name is marked as UTF-8, but is not", {
      cause: cause instanceof Error ? cause.message : "",
    });
  }
}

function judge(name: string, flags: number, method: number, sizes: Sizes): void {
  const shown = printable(name);
  const bad = nameProblem(name);
  if (bad === "path_escape") throw zipProblems.error(bad, `${shown} leads out of the archive`, { name: shown });
  if (bad !== null) throw zipProblems.error(bad, `"${shown}" is no name for a file`, { name: shown });
  if ((flags & UNREADABLE_FLAGS) !== 0) throw zipProblems.error("encrypted", `${shown} is encrypted`, { name: shown });
  if (method !== STORED && method !== DEFLATED) {
    throw zipProblems.error(
      "method_unknown",
      `${shown} is packed with method ${method}; only 0 and 8 are read everywhere`,
      { name: shown, method },
    );
  }
  if (method === STORED && sizes.packedBytes !== sizes.sizeBytes) {
    throw zipProblems.error("bad_entry", `${shown} is stored as it is, but has two sizes`, { name: shown });
  }
}
