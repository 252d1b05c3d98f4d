import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import type { BlockReader } from "../block-reader.ts";
import { problemsOf } from "../problem.ts";
import { elementsNamed, readXml, type XmlElement } from "../xml.ts";

/** What may be wrong with a macOS installer package. */
export const pkgProblems = problemsOf(
  "pkg",
  "bad_checksum",
  "bad_member",
  "bad_table",
  "no_package",
  "table_too_large",
  "truncated",
);

/** A file in the archive that a package is. */
export interface XarMember {
  readonly name: string;
  readonly offset: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly encoding: string;
}

/** The table of contents. */
export interface XarTable {
  readonly members: readonly XarMember[];
  /** Where the heap begins, to which offsets are relative. */
  readonly heapOffset: number;
  /** Signatures that the table names, with their certificates in base64. */
  readonly signatures: readonly XmlElement[];
}

// Source: the xar file format; numbers are big-endian.
const HEADER_BYTES = 28;
const MAGIC = 0x78617221;
const LARGEST_PACKED = 32 << 20;
const LARGEST_TABLE = 64 << 20;
const LARGEST_MEMBER = 8 << 20;
/** Algorithms of the checksum by number. */
const ALGORITHMS: Readonly<Record<number, string>> = { 1: "sha1", 3: "sha256", 4: "sha512" };

const bad = (message: string) => pkgProblems.error("bad_table", message);

/** Reads the table of contents and compares it with its checksum. */
export async function readTable(reader: BlockReader): Promise<XarTable> {
  const header = await reader.read(0, HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const headerBytes = view.getUint16(4);
  const packedBytes = Number(view.getBigUint64(8));
  const tableBytes = Number(view.getBigUint64(16));
  if (view.getUint32(0) !== MAGIC || headerBytes < HEADER_BYTES) throw bad("The package has no header");
  if (packedBytes > LARGEST_PACKED || tableBytes > LARGEST_TABLE) {
    throw pkgProblems.error(
      "table_too_large",
      `The table of contents has ${tableBytes} bytes, allowed are ${LARGEST_TABLE}`,
    );
  }
  const packed = await reader.read(headerBytes, packedBytes);
  const table = readXml(unpacked(packed, tableBytes), bad);
  const toc = table.children.find(({ name }) => name === "toc");
  if (toc === undefined) throw bad("The table of contents is empty");
  const heapOffset = headerBytes + packedBytes;
  await compareChecksum(reader, toc, packed, heapOffset, ALGORITHMS[view.getUint32(24)]);
  const signatures = toc.children.filter(({ name }) => name === "signature" || name === "x-signature");
  return { members: [...membersOf(toc, "")], heapOffset, signatures };
}

/** Reads a member that is stored as it is or packed with zlib, of bounded size. */
export async function readXarMember(reader: BlockReader, table: XarTable, member: XarMember): Promise<Uint8Array> {
  if (member.sizeBytes > LARGEST_MEMBER || member.packedBytes > LARGEST_MEMBER) {
    throw pkgProblems.error(
      "bad_member",
      `${member.name} has ${member.sizeBytes} bytes, allowed are ${LARGEST_MEMBER}`,
    );
  }
  const packed = await reader.read(table.heapOffset + member.offset, member.packedBytes);
  if (member.encoding === "application/octet-stream") return packed;
  // What xar calls gzip is a zlib stream.
  if (member.encoding === "application/x-gzip") return unpacked(packed, member.sizeBytes);
  throw pkgProblems.error("bad_member", `${member.name} is packed in a way that is not read here`);
}

function unpacked(packed: Uint8Array, sizeBytes: number): Uint8Array {
  try {
    const content = inflateSync(packed, { maxOutputLength: sizeBytes + 1 });
    if (content.length === sizeBytes) return content;
  } catch {
    // Said below, as for a size that differs.
  }
  throw bad("A part of the package is damaged, or its size is another one");
}

async function compareChecksum(
  reader: BlockReader,
  toc: XmlElement,
  packed: Uint8Array,
  heapOffset: number,
  algorithm: string | undefined,
): Promise<void> {
  const checksum = toc.children.find(({ name }) => name === "checksum");
  if (checksum === undefined || algorithm === undefined) return;
  const expected = await reader.read(heapOffset + numberIn(checksum, "offset"), numberIn(checksum, "size"));
  if (!createHash(algorithm).update(packed).digest().equals(expected)) {
    throw pkgProblems.error("bad_checksum", "The table of contents is not the one of its checksum");
  }
}

function* membersOf(folder: XmlElement, path: string): Generator<XarMember> {
  for (const file of folder.children.filter(({ name }) => name === "file")) {
    const name = textIn(file, "name");
    if (name.includes("/") || name === ".." || name === "") throw bad("A file in the package has a name that is none");
    const data = file.children.find((child) => child.name === "data");
    if (data !== undefined) {
      const encoding =
        data.children.find((child) => child.name === "encoding")?.attributes.get("style") ?? "application/octet-stream";
      yield {
        name: path + name,
        offset: numberIn(data, "offset"),
        packedBytes: numberIn(data, "length"),
        sizeBytes: numberIn(data, "size"),
        encoding,
      };
    }
    yield* membersOf(file, `${path}${name}/`);
  }
}

function textIn(element: XmlElement, name: string): string {
  return element.children.find((child) => child.name === name)?.text.trim() ?? "";
}

function numberIn(element: XmlElement, name: string): number {
  const text = textIn(element, name);
  if (!/^\d{1,15}$/.test(text)) throw bad(`"${name}" of a part of the package is no number`);
  return Number(text);
}

/** Certificates of a signature in the table, as DER. */
export function certificatesIn(signature: XmlElement): readonly Uint8Array[] {
  return [...elementsNamed(signature, "X509Certificate")].map((element) => Buffer.from(element.text, "base64"));
}
