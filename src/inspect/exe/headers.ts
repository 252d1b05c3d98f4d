import type { BlockReader } from "../block-reader.ts";
import { bytesOf } from "../bytes.ts";
import { exeProblems } from "./problems.ts";

/** A part of the file that is loaded to an address of its own. */
export interface Section {
  readonly address: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** What the headers of a program say. */
export interface ExeHeaders {
  readonly architecture: string;
  readonly isLibrary: boolean;
  readonly isDotNet: boolean;
  readonly sections: readonly Section[];
  /** Address and size of the resources, zero where there are none. */
  readonly resources: { readonly address: number; readonly sizeBytes: number };
  /** Place of the certificate table in the file, zero where there is none. */
  readonly certificates: { readonly offset: number; readonly sizeBytes: number };
  /** Places of the checksum and of the entry that names the certificate table: what signing changes. */
  readonly checksumOffset: number;
  readonly certificateEntryOffset: number;
}

// Source: learn.microsoft.com, "PE Format".
const LFANEW_AT = 0x3c;
const COFF_BYTES = 24;
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;
const LIBRARY = 0x2000;
const SECTION_BYTES = 40;
const MOST_SECTIONS = 96;
const LARGEST_OPTIONAL = 4096;
const RESOURCES = 2;
const CERTIFICATES = 4;
const CLR = 14;
const MACHINES: Readonly<Record<number, string>> = {
  0x14c: "x86",
  0x8664: "x64",
  0xaa64: "arm64",
  0xa641: "arm64ec",
  0x1c4: "arm",
};

const outside = (message: string) => exeProblems.error("bad_header", message);

/** Finds where the PE header begins; null in a file that has none. */
export async function findHeader(reader: BlockReader): Promise<number | null> {
  if (reader.sizeBytes < 64) return null;
  const offset = bytesOf(await reader.read(0, 64), outside).u32(LFANEW_AT);
  if (offset + COFF_BYTES > reader.sizeBytes) return null;
  return bytesOf(await reader.read(offset, 4), outside).u32(0) === 0x4550 ? offset : null;
}

/** Reads the headers. */
export async function readHeaders(reader: BlockReader): Promise<ExeHeaders> {
  const start = await findHeader(reader);
  if (start === null) throw outside("The program has no PE header");
  const coff = bytesOf(await reader.read(start, COFF_BYTES), outside);
  const sectionCount = coff.u16(6);
  const optionalBytes = coff.u16(20);
  if (sectionCount > MOST_SECTIONS || optionalBytes > LARGEST_OPTIONAL)
    throw outside(`The program cannot have ${sectionCount} sections`);
  const optionalAt = start + COFF_BYTES;
  const optional = bytesOf(await reader.read(optionalAt, optionalBytes), outside);
  const magic = optional.u16(0);
  if (magic !== PE32 && magic !== PE32_PLUS) throw outside("The program is of an unknown kind");
  const directoriesAt = magic === PE32 ? 96 : 112;
  const directoryCount = optional.u32(directoriesAt - 4);
  const directory = (index: number) =>
    index < directoryCount
      ? { first: optional.u32(directoriesAt + index * 8), sizeBytes: optional.u32(directoriesAt + index * 8 + 4) }
      : { first: 0, sizeBytes: 0 };
  const table = bytesOf(await reader.read(optionalAt + optionalBytes, sectionCount * SECTION_BYTES), outside);
  const sections = Array.from({ length: sectionCount }, (_, index) => {
    const at = index * SECTION_BYTES;
    return { address: table.u32(at + 12), sizeBytes: table.u32(at + 16), offset: table.u32(at + 20) };
  });
  const [resources, certificates] = [directory(RESOURCES), directory(CERTIFICATES)];
  return {
    architecture: MACHINES[coff.u16(4)] ?? `machine_${coff.u16(4).toString(16)}`,
    isLibrary: (coff.u16(22) & LIBRARY) !== 0,
    isDotNet: directory(CLR).sizeBytes > 0,
    sections,
    resources: { address: resources.first, sizeBytes: resources.sizeBytes },
    certificates: { offset: certificates.first, sizeBytes: certificates.sizeBytes },
    checksumOffset: optionalAt + 64,
    certificateEntryOffset: optionalAt + directoriesAt + CERTIFICATES * 8,
  };
}
