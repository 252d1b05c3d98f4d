import { printable } from "../../kernel/text.ts";
import type { BlockReader } from "../block-reader.ts";
import { bytesOf, type Bytes } from "../bytes.ts";
import type { ExeHeaders } from "./headers.ts";
import { exeProblems } from "./problems.ts";

/** What the version resource of a program says. */
export interface ExeVersion {
  /** Version of the file as four numbers. */
  readonly fileVersion: string;
  /** Texts by name, for example `ProductName`; of the first language. */
  readonly texts: ReadonlyMap<string, string>;
}

// Source: learn.microsoft.com, "PE Format" (.rsrc) and "VS_VERSIONINFO structure".
const VERSION_TYPE = 16;
const MOST_ENTRIES = 4096;
const LARGEST_VERSION = 65_536;
const SUBDIRECTORY = 0x8000_0000;
const FIXED_SIGNATURE = 0xfeef04bd;
const FIXED_BYTES = 52;

const outside = (message: string) => exeProblems.error("bad_resources", message);

/** Reads the version resource; null where a program has none. */
export async function readVersion(reader: BlockReader, headers: ExeHeaders): Promise<ExeVersion | null> {
  const { address } = headers.resources;
  if (address === 0) return null;
  const base = fileOffset(headers, address);
  const entries = async (offset: number) => directoryEntries(reader, base + offset);
  const type = (await entries(0)).find(({ id }) => id === VERSION_TYPE);
  // Three levels, always: type, name, language. Whatever points back is not followed further.
  const [name] = type === undefined ? [] : await entries(type.offset);
  const [language] = name === undefined ? [] : await entries(name.offset);
  if (language === undefined) return null;
  const data = bytesOf(await reader.read(base + language.offset, 8), outside);
  if (data.u32(4) > LARGEST_VERSION) throw outside(`The version resource has ${data.u32(4)} bytes`);
  return parseVersion(bytesOf(await reader.read(fileOffset(headers, data.u32(0)), data.u32(4)), outside));
}

async function directoryEntries(
  reader: BlockReader,
  at: number,
): Promise<readonly { readonly id: number; readonly offset: number }[]> {
  const header = bytesOf(await reader.read(at, 16), outside);
  const count = header.u16(12) + header.u16(14);
  if (count > MOST_ENTRIES) throw outside(`A list of resources has ${count} entries`);
  const table = bytesOf(await reader.read(at + 16, count * 8), outside);
  return Array.from({ length: count }, (_, index) => ({
    id: table.u32(index * 8),
    offset: (table.u32(index * 8 + 4) & ~SUBDIRECTORY) >>> 0,
  }));
}

function fileOffset({ sections }: ExeHeaders, address: number): number {
  const section = sections.find((one) => address >= one.address && address < one.address + one.sizeBytes);
  if (section === undefined) throw outside("The resources lie in no section");
  return address - section.address + section.offset;
}

/** A block: length, length of its value, key, value, and blocks inside, each on a multiple of four. */
interface Block {
  readonly key: string;
  readonly value: Bytes;
  readonly inside: Bytes;
}

function parseVersion(bytes: Bytes): ExeVersion {
  const root = blockAt(bytes, 0).block;
  if (root.value.length < FIXED_BYTES || root.value.u32(0) !== FIXED_SIGNATURE)
    throw outside("The version resource holds no version");
  const texts = new Map<string, string>();
  const info = blocks(root.inside).find(({ key }) => key === "StringFileInfo");
  const [language] = info === undefined ? [] : blocks(info.inside);
  for (const { key, value } of language === undefined ? [] : blocks(language.inside))
    texts.set(key, printable(textOf(value)));
  const numbers = [root.value.u16(10), root.value.u16(8), root.value.u16(14), root.value.u16(12)];
  return { fileVersion: numbers.join("."), texts };
}

function blocks(bytes: Bytes): readonly Block[] {
  const list: Block[] = [];
  for (let at = 0; at + 6 <= bytes.length && list.length < MOST_ENTRIES; ) {
    const { block, next } = blockAt(bytes, at);
    list.push(block);
    at = next;
  }
  return list;
}

function blockAt(bytes: Bytes, at: number): { readonly block: Block; readonly next: number } {
  const length = bytes.u16(at);
  if (length < 6) throw outside("A part of the version resource has no length");
  const whole = bytes.part(at, length);
  const isText = whole.u16(4) === 1;
  let keyEnd = 6;
  while (whole.u16(keyEnd) !== 0) keyEnd += 2;
  const valueAt = aligned(keyEnd + 2);
  // Lengths of texts count characters, some writers count bytes; the block bounds both.
  const wanted = isText ? whole.u16(2) * 2 : whole.u16(2);
  const valueBytes = Math.max(0, Math.min(wanted, length - valueAt));
  const insideAt = Math.min(aligned(valueAt + valueBytes), length);
  return {
    block: {
      key: textOf(whole.part(6, keyEnd - 6)),
      value: whole.part(Math.min(valueAt, length), valueBytes),
      inside: whole.part(insideAt, length - insideAt),
    },
    next: at + aligned(length),
  };
}

function aligned(offset: number): number {
  return (offset + 3) & ~3;
}

function textOf(bytes: Bytes): string {
  const text = new TextDecoder("utf-16le").decode(bytes.slice(0, bytes.length));
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
