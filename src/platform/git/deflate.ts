import { deflateSync } from "node:zlib";

/** What fits with its frame into one block of a disk, which deflating would not make smaller there. */
const STORED_BYTES = 4096 - 11;
/** Sums of so many bytes stay below 2 ** 31 before they are reduced. */
const ADLER_BYTES = 2048;
const ADLER_BASE = 65_521;

/**
 * Puts parts into one zlib stream. A small one is stored as it is, as git does at compression 0: setting up zlib takes longer than all
 * else that an object costs. Git packs deflate them in any case.
 */
export function deflated(parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  if (content.length > STORED_BYTES) return deflateSync(content, { level: 1 });
  const stream = Buffer.allocUnsafe(content.length + 11);
  // Source: RFC 1950 (header 0x7801), RFC 1951 section 3.2.4 (one last block, stored, its length and that inverted).
  stream.writeUInt16BE(0x78_01, 0);
  stream.writeUInt8(1, 2);
  stream.writeUInt16LE(content.length, 3);
  stream.writeUInt16LE(content.length ^ 0xff_ff, 5);
  content.copy(stream, 7);
  stream.writeUInt32BE(adler32(content), content.length + 7);
  return stream;
}

/** Checksum at the end of a zlib stream. Source: RFC 1950 section 8.2. */
function adler32(content: Uint8Array): number {
  let [low, high] = [1, 0];
  for (let start = 0; start < content.length; start += ADLER_BYTES) {
    for (const byte of content.subarray(start, start + ADLER_BYTES)) {
      low += byte;
      high += low;
    }
    low %= ADLER_BASE;
    high %= ADLER_BASE;
  }
  return high * 65_536 + low;
}
