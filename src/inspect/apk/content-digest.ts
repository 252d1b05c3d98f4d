import { createHash, type Hash } from "node:crypto";

/** Digest algorithms of signature schemes v2 and v3. */
export type DigestName = "sha256" | "sha512";

/** A digest over sections of a file that are fed in order. */
export interface ContentDigest {
  /** Takes bytes of the file at their offset; what lies in no section is passed over. */
  readonly update: (bytes: Uint8Array, offset: number) => void;
  /** Takes the end record as it was signed, and gives the digest. */
  readonly finish: (endRecord: Uint8Array) => Buffer;
}

/** A part of the file that is signed. */
export interface Section {
  readonly from: number;
  readonly to: number;
}

const CHUNK_BYTES = 1 << 20;
/** What stands before the length and bytes of a chunk, and before the count and digests of all. */
const CHUNK_MARK = 0xa5;
const TOP_MARK = 0x5a;

/**
 * Computes the digest of signature schemes v2 and v3: every section in pieces of 1 MiB, then the digest of their digests.
 * Source: source.android.com, "APK signature scheme v2", integrity-protected contents.
 */
export function contentDigest(name: DigestName, sections: readonly Section[], endRecordBytes: number): ContentDigest {
  const lengths = [...sections.map(({ from, to }) => to - from), endRecordBytes];
  const count = lengths.reduce((sum, length) => sum + Math.ceil(length / CHUNK_BYTES), 0);
  const top = createHash(name).update(marked(TOP_MARK, count));
  let chunk: Hash | null = null;
  const feed = (bytes: Uint8Array, position: number, sectionBytes: number) => {
    for (let done = 0; done < bytes.length; ) {
      const at = position + done;
      const start = at - (at % CHUNK_BYTES);
      const chunkBytes = Math.min(CHUNK_BYTES, sectionBytes - start);
      const length = Math.min(bytes.length - done, start + chunkBytes - at);
      chunk ??= createHash(name).update(marked(CHUNK_MARK, chunkBytes));
      chunk.update(bytes.subarray(done, done + length));
      done += length;
      if (at + length < start + chunkBytes) continue;
      top.update(chunk.digest());
      chunk = null;
    }
  };
  return {
    update: (bytes, offset) => {
      for (const { from, to } of sections) {
        const first = Math.max(from, offset);
        const last = Math.min(to, offset + bytes.length);
        if (first < last) feed(bytes.subarray(first - offset, last - offset), first - from, to - from);
      }
    },
    finish: (endRecord) => {
      feed(endRecord, 0, endRecord.length);
      return top.digest();
    },
  };
}

function marked(mark: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(mark);
  bytes.writeUInt32LE(value, 1);
  return bytes;
}
