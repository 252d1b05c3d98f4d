import type { ByteSource } from "../kernel/byte-source.ts";
import { printable } from "../kernel/text.ts";
import { blockReader, type BlockReader } from "./block-reader.ts";
import { bytesOf, type Bytes } from "./bytes.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { problemsOf } from "./problem.ts";

const problems = problemsOf("app_image", "bad_elf", "no_file_system", "type_unknown");

// Sources: the AppImage specification (magic at byte 8, section .upd_info), elf(5), and squashfs' superblock.
const MAGIC_AT = 8;
const MOST_SECTIONS = 1000;
const LONGEST_UPDATE_INFO = 4096;
const SQUASHFS = 0x73717368;
const SUPERBLOCK_BYTES = 96;
const MACHINES: Readonly<Record<number, string>> = { 3: "i386", 40: "armhf", 62: "x86_64", 183: "aarch64" };

const outside = (message: string) => problems.error("bad_elf", message);

/** Reads an AppImage: processor type, update information, and that a file system is there; that is not looked into. */
export const appImage = defineInspector({
  id: "app_image",
  title: "AppImage",
  version: 1,
  problems: problems.codes,
  detect: (head) =>
    head[0] === 0x7f &&
    head[1] === 0x45 &&
    head[2] === 0x4c &&
    head[3] === 0x46 &&
    head[MAGIC_AT] === 0x41 &&
    head[MAGIC_AT + 1] === 0x49,
  open: openAppImage,
});

async function openAppImage(file: ByteSource, notes: Notes): Promise<Reading> {
  const reader = blockReader(file, outside);
  const header = bytesOf(await reader.read(0, 64), outside);
  const type = header.u8(MAGIC_AT + 2);
  if (type !== 2) throw problems.error("type_unknown", `The AppImage is of the type ${type}; only type 2 is read`);
  // Other byte orders exist, but no AppImage has one.
  if (header.u8(5) !== 1) throw outside("The program is not little-endian");
  notes.facts({ architectures: [MACHINES[header.u16(18)] ?? `machine_${header.u16(18)}`], type });
  const sections = await readSections(reader, header);
  const update = sections.find(({ name }) => name === ".upd_info");
  const information = update === undefined ? "" : await textOf(reader, update);
  const signature = sections.find(({ name }) => name === ".sha256_sig");
  const isSigned = signature !== undefined && (await textOf(reader, signature)) !== "";
  const end = Math.max(
    tableEnd(header),
    ...sections.map(({ offset, sizeBytes, isInFile }) => (isInFile ? offset + sizeBytes : 0)),
  );
  notes.facts({
    update_information: information === "" ? null : information,
    signature: { grade: isSigned ? "present" : "unsigned", signers: [], claimed_signers: [] },
    file_system: await fileSystem(reader, end),
  });
  return {
    finish: () =>
      notes.check(
        "app_image.header",
        "passed",
        "The program and its file system were found; the content is not looked into",
      ),
  };
}

interface ElfSection {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly isInFile: boolean;
}

/** Places of header fields for 32 and 64 bits. */
function shapeOf(header: Bytes) {
  const isWide = header.u8(4) === 2;
  const word = (bytes: Bytes, at: number) => (isWide ? bytes.u64(at) : bytes.u32(at));
  return isWide
    ? {
        word,
        table: word(header, 40),
        stride: header.u16(58),
        count: header.u16(60),
        names: header.u16(62),
        offsetAt: 24,
        sizeAt: 32,
      }
    : {
        word,
        table: word(header, 32),
        stride: header.u16(46),
        count: header.u16(48),
        names: header.u16(50),
        offsetAt: 16,
        sizeAt: 20,
      };
}

function tableEnd(header: Bytes): number {
  const { table, stride, count } = shapeOf(header);
  return table + stride * count;
}

async function readSections(reader: BlockReader, header: Bytes): Promise<readonly ElfSection[]> {
  const { word, table, stride, count, names, offsetAt, sizeAt } = shapeOf(header);
  if (count > MOST_SECTIONS || stride < 40 || names >= count)
    throw outside(`The program cannot have ${count} sections`);
  const bytes = bytesOf(await reader.read(table, count * stride), outside);
  const raw = Array.from({ length: count }, (_, index) => {
    const at = index * stride;
    return {
      nameAt: bytes.u32(at),
      type: bytes.u32(at + 4),
      offset: word(bytes, at + offsetAt),
      sizeBytes: word(bytes, at + sizeAt),
    };
  });
  const holder = raw[names];
  if (holder === undefined || holder.sizeBytes > 1 << 20) throw outside("The program has no names of sections");
  const text = new TextDecoder("latin1").decode(await reader.read(holder.offset, holder.sizeBytes));
  // Type 8 takes no room in the file.
  return raw.map(({ nameAt, type, offset, sizeBytes }) => ({
    name: text.slice(nameAt).split("\0", 1)[0] ?? "",
    offset,
    sizeBytes,
    isInFile: type !== 8 && type !== 0,
  }));
}

async function textOf(reader: BlockReader, { offset, sizeBytes }: ElfSection): Promise<string> {
  const bytes = await reader.read(offset, Math.min(sizeBytes, LONGEST_UPDATE_INFO));
  return printable((new TextDecoder().decode(bytes).split("\0", 1)[0] ?? "").trim(), LONGEST_UPDATE_INFO);
}

/** The file system begins where the program ends. */
async function fileSystem(
  reader: BlockReader,
  end: number,
): Promise<{ readonly kind: string; readonly bytes: number }> {
  if (end + SUPERBLOCK_BYTES > reader.sizeBytes)
    throw problems.error("no_file_system", "Nothing lies behind the program");
  const superblock = bytesOf(await reader.read(end, SUPERBLOCK_BYTES), outside);
  if (superblock.u32(0) !== SQUASHFS)
    throw problems.error("no_file_system", "No squashfs file system begins where the program ends");
  const usedBytes = superblock.u64(40);
  if (end + usedBytes > reader.sizeBytes) throw problems.error("no_file_system", "The file system is cut short");
  return { kind: "squashfs", bytes: usedBytes };
}
