import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { ByteSource } from "../../kernel/byte-source.ts";
import { printable } from "../../kernel/text.ts";
import type { ZipArchive } from "./archive.ts";
import type { ZipEntry } from "./entry.ts";
import { judgeLocalHeader, localHeaderBytes } from "./local-header.ts";
import { zipProblems } from "./problems.ts";

const STORED = 0;
const CHUNK_BYTES = 65_536;

/** Reads a whole member of bounded size; size and checksum are those that the directory declares. */
export async function readMember(archive: ZipArchive, entry: ZipEntry, maxBytes: number): Promise<Uint8Array> {
  const shown = printable(entry.name);
  if (entry.sizeBytes > maxBytes || entry.packedBytes > maxBytes + CHUNK_BYTES) {
    throw zipProblems.error("member_too_large", `${shown} has ${entry.sizeBytes} bytes, allowed are ${maxBytes}`, {
      name: shown,
    });
  }
  const packed = await archive.reader.read(await contentOffset(archive, entry), entry.packedBytes);
  const content = entry.method === STORED ? packed : inflate(entry, packed);
  if (content.length !== entry.sizeBytes || crc32(content) !== entry.crc32) throw damaged(entry);
  return content;
}

function inflate(entry: ZipEntry, packed: Uint8Array): Uint8Array {
  try {
    // One byte more than declared is allowed, so that a lie about the size is found and not cut off.
    return inflateRawSync(packed, { maxOutputLength: entry.sizeBytes + 1 });
  } catch {
    throw damaged(entry);
  }
}

/**
 * Unpacks the first `maxBytes` bytes of a member from its beginning, for as long as the caller wants more.
 * Neither size nor checksum is checked, since the end need not be reached.
 */
export async function* streamMember(
  archive: ZipArchive,
  entry: ZipEntry,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const offset = await contentOffset(archive, entry);
  let left = Math.min(maxBytes, entry.sizeBytes);
  for await (const chunk of entry.method === STORED
    ? packedChunks(archive, offset, entry)
    : inflated(archive, offset, entry)) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** A member that is not compressed, read at random. Its checksum is not checked. Throws `zip.bad_content` for a compressed one. */
export async function storedMember(archive: ZipArchive, entry: ZipEntry): Promise<ByteSource> {
  if (entry.method !== STORED || entry.packedBytes !== entry.sizeBytes) throw damaged(entry);
  const begin = await contentOffset(archive, entry);
  return {
    sizeBytes: entry.sizeBytes,
    read: (offset, length) => archive.reader.read(begin + offset, Math.min(length, entry.sizeBytes - offset)),
  };
}

async function* packedChunks(
  archive: ZipArchive,
  offset: number,
  entry: ZipEntry,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; done < entry.packedBytes; done += CHUNK_BYTES) {
    yield await archive.reader.read(offset + done, Math.min(CHUNK_BYTES, entry.packedBytes - done));
  }
}

async function* inflated(
  archive: ZipArchive,
  offset: number,
  entry: ZipEntry,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const fed = (async () => {
    for await (const chunk of packedChunks(archive, offset, entry)) {
      if (inflater.destroyed) return;
      await new Promise<void>((resolve) => {
        inflater.write(chunk, () => resolve());
      });
    }
    inflater.end();
  })().catch((cause: unknown) => inflater.destroy(cause instanceof Error ? cause : undefined));
  try {
    for await (const chunk of inflater) if (chunk instanceof Uint8Array) yield chunk;
  } catch {
    throw damaged(entry);
  } finally {
    inflater.destroy();
    await fed;
  }
}

async function contentOffset(archive: ZipArchive, entry: ZipEntry): Promise<number> {
  return judgeLocalHeader(entry, await archive.reader.read(entry.headerOffset, localHeaderBytes(entry)));
}

function damaged(entry: ZipEntry) {
  const shown = printable(entry.name);
  return zipProblems.error("bad_content", `${shown} is damaged: its content is not what its size and checksum say`, {
    name: shown,
  });
}
