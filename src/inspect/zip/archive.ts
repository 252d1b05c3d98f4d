import type { ByteSource } from "../../kernel/byte-source.ts";
import { printable } from "../../kernel/text.ts";
import { collisionKey } from "../archive-name.ts";
import { blockReader, type BlockReader } from "../block-reader.ts";
import { bytesOf } from "../bytes.ts";
import { findZipEnd, type ZipEnd } from "./end-record.ts";
import { readEntry, type ZipEntry } from "./entry.ts";
import { zipProblems } from "./problems.ts";

/** A zip archive whose directory was read and judged. */
export interface ZipArchive {
  readonly reader: BlockReader;
  readonly end: ZipEnd;
  /** In the order of their content in the file. */
  readonly entries: readonly ZipEntry[];
  readonly byName: ReadonlyMap<string, ZipEntry>;
  readonly totalBytes: number;
  readonly packedBytes: number;
  /** A name that differs from another one only in case or composition. */
  readonly collision: string | null;
}

const MOST_ENTRIES = 100_000;
/** Bytes of the largest directory that is read. */
export const LARGEST_DIRECTORY = 32 << 20;
/** Bytes that all entries of an archive may have together. */
export const LARGEST_TOTAL = 16 * 2 ** 30;
/** Local headers have at least this many bytes before the name. */
const LOCAL_BYTES = 30;

const truncated = (message: string) => zipProblems.error("truncated", message);

/** Reads the directory of an archive. Everything that two programs could understand differently is refused. */
export async function openZip(file: ByteSource): Promise<ZipArchive> {
  const reader = blockReader(file, truncated);
  const end = await findZipEnd(reader);
  refuseSize(end);
  const entries = await readEntries(reader, end);
  const byName = new Map<string, ZipEntry>();
  const folded = new Set<string>();
  let collision: string | null = null;
  let totalBytes = 0;
  let packedBytes = 0;
  for (const entry of entries) {
    if (byName.has(entry.name))
      throw zipProblems.error("duplicate_name", `Two entries are called ${printable(entry.name)}`, {
        name: printable(entry.name),
      });
    byName.set(entry.name, entry);
    const key = collisionKey(entry.name);
    if (folded.has(key)) collision ??= entry.name;
    folded.add(key);
    totalBytes += entry.sizeBytes;
    packedBytes += entry.packedBytes;
  }
  if (totalBytes > LARGEST_TOTAL) {
    throw zipProblems.error(
      "declared_total",
      `The entries have ${totalBytes} bytes unpacked, allowed are ${LARGEST_TOTAL}`,
      { total_bytes: totalBytes },
    );
  }
  const inOrder = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  refuseOverlap(inOrder, end);
  await refusePrefix(reader, inOrder);
  return { reader, end, entries: inOrder, byName, totalBytes, packedBytes, collision };
}

function refuseSize(end: ZipEnd): void {
  if (end.entries > MOST_ENTRIES || end.directoryBytes > LARGEST_DIRECTORY) {
    throw zipProblems.error(
      "too_large",
      `The archive has ${end.entries} entries, allowed are ${MOST_ENTRIES} in ${LARGEST_DIRECTORY} bytes`,
      {
        entries: end.entries,
        directory_bytes: end.directoryBytes,
      },
    );
  }
}

async function readEntries(reader: BlockReader, end: ZipEnd): Promise<ZipEntry[]> {
  const directory = bytesOf(await reader.read(end.directoryOffset, end.directoryBytes), truncated);
  const entries: ZipEntry[] = [];
  for (let at = 0; at < directory.length; ) {
    const { entry, next } = readEntry(directory, at);
    entries.push(entry);
    if (entries.length > MOST_ENTRIES) break;
    at = next;
  }
  if (entries.length !== end.entries) {
    throw zipProblems.error(
      "count_mismatch",
      `The archive says that it has ${end.entries} entries, but its directory holds ${entries.length}`,
    );
  }
  return entries;
}

/** Content that two entries share is how a small file unpacks to anything. */
function refuseOverlap(entries: readonly ZipEntry[], end: ZipEnd): void {
  for (const [index, entry] of entries.entries()) {
    const next = entries[index + 1]?.headerOffset ?? end.directoryOffset;
    if (entry.headerOffset + LOCAL_BYTES + entry.nameBytes.length + entry.packedBytes > next) {
      throw zipProblems.error("overlap", `${printable(entry.name)} reaches into what comes after it`, {
        name: printable(entry.name),
      });
    }
  }
}

/** Bytes before the first entry make one file two things (Janus, CVE-2017-13156), unless they are entries without a name, as padding. */
async function refusePrefix(reader: BlockReader, entries: readonly ZipEntry[]): Promise<void> {
  if (reader.sizeBytes < 4 || (entries[0]?.headerOffset ?? 0) === 0) return;
  const head = await reader.read(0, 4);
  if (bytesOf(head, truncated).u32(0) !== 0x04034b50) {
    throw zipProblems.error(
      "prefix",
      `The archive begins with ${entries[0]?.headerOffset ?? 0} bytes that are no part of it`,
    );
  }
}
