import { bytesOf, type Bytes } from "./bytes.ts";
import type { ForwardReader } from "./forward-reader.ts";
import type { ToolError } from "../kernel/errors.ts";

/** One processor type in a Mach-O file. */
export interface MachSlice {
  readonly architecture: string;
  /** Content encrypted by the store; such a file runs on no other device. */
  readonly encrypted: boolean;
  /** A code signature is there; it is not checked. */
  readonly signed: boolean;
}

type Fail = (message: string) => ToolError;

// Magic numbers as their bytes read little-endian. Source: mach-o/loader.h, mach-o/fat.h.
const THIN_64 = 0xfeedfacf;
const THIN_32 = 0xfeedface;
const FAT_32 = 0xbebafeca;
const FAT_64 = 0xbfbafeca;
const ENCRYPTION = [0x21, 0x2c];
const CODE_SIGNATURE = 0x1d;
/** Java class files share the magic of fat files; their version stands where the count does, and begins at 45. */
const MOST_SLICES = 20;
const MOST_COMMANDS = 10_000;
const MOST_COMMAND_BYTES = 4 << 20;

const ARCHITECTURES: Readonly<Record<number, string>> = {
  7: "i386",
  12: "armv7",
  0x0100_0007: "x86_64",
  0x0100_000c: "arm64",
  0x0200_000c: "arm64_32",
};
const ARM64 = 0x0100_000c;
const ARM64E_SUBTYPE = 2;

/** Reads the headers of a Mach-O file; null when it is none. */
export async function readMachO(file: ForwardReader, fail: Fail): Promise<readonly MachSlice[] | null> {
  const magic = bytesOf(await file.read(0, 8), fail);
  if (magic.u32(0) === THIN_32 || magic.u32(0) === THIN_64) return [await readSlice(file, 0, fail)];
  if (magic.u32(0) !== FAT_32 && magic.u32(0) !== FAT_64) return null;
  const count = swapped(magic.u32(4));
  if (count > MOST_SLICES) return null;
  const slices: MachSlice[] = [];
  for (const { offset } of await sliceTable(file, count, magic.u32(0) === FAT_64, fail))
    slices.push(await readSlice(file, offset, fail));
  return slices;
}

interface Place {
  readonly offset: number;
  readonly size: number;
}

/** Places of the slices in order; two that overlap would be one content under two names. */
async function sliceTable(file: ForwardReader, count: number, isWide: boolean, fail: Fail): Promise<readonly Place[]> {
  const stride = isWide ? 32 : 20;
  const table = await file.read(8, count * stride);
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const places = Array.from({ length: count }, (_, index) => {
    const at = index * stride + 8;
    if (!isWide) return { offset: view.getUint32(at), size: view.getUint32(at + 4) };
    return { offset: Number(view.getBigUint64(at)), size: Number(view.getBigUint64(at + 8)) };
  }).toSorted((a, b) => a.offset - b.offset);
  let free = 8 + count * stride;
  for (const { offset, size } of places) {
    if (offset < free) throw fail("Two parts of the executable overlap");
    free = offset + size;
  }
  return places;
}

async function readSlice(file: ForwardReader, offset: number, fail: Fail): Promise<MachSlice> {
  const header = bytesOf(await file.read(offset, 32), fail);
  const magic = header.u32(0);
  if (magic !== THIN_32 && magic !== THIN_64) throw fail("A part of the executable is no Mach-O file");
  const count = header.u32(16);
  const commandBytes = header.u32(20);
  if (count > MOST_COMMANDS || commandBytes > MOST_COMMAND_BYTES)
    throw fail(`The executable cannot have ${count} load commands`);
  // The array behind `header` may go when the next part is read.
  const architecture = architectureOf(header.u32(4), header.u32(8));
  const commands = bytesOf(await file.read(offset + (magic === THIN_64 ? 32 : 28), commandBytes), fail);
  return { architecture, ...readCommands(commands, count, fail) };
}

function readCommands(commands: Bytes, count: number, fail: Fail): Omit<MachSlice, "architecture"> {
  let encrypted = false;
  let signed = false;
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const command = commands.u32(at);
    const length = commands.u32(at + 4);
    if (length < 8) throw fail("A load command has no length");
    if (ENCRYPTION.includes(command) && commands.u32(at + 16) !== 0) encrypted = true;
    if (command === CODE_SIGNATURE) signed = true;
    at += length;
  }
  return { encrypted, signed };
}

function architectureOf(cpu: number, subtype: number): string {
  if (cpu === ARM64 && (subtype & 0xff) === ARM64E_SUBTYPE) return "arm64e";
  return ARCHITECTURES[cpu] ?? `cpu_${cpu}`;
}

function swapped(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
