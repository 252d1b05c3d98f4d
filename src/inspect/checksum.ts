import { crc32 } from "node:zlib";

/** CRC-32 of bytes, 8 hex digits: finds what a disk or a crash did to them in a third of the time of a digest, and no attacker. */
export function checksum(bytes: Uint8Array): string {
  return checksumOf([bytes]);
}

/** The same of bytes that come in parts. */
export function checksumOf(parts: Iterable<Uint8Array>): string {
  let sum = 0;
  for (const part of parts) sum = crc32(part, sum);
  return sum.toString(16).padStart(8, "0");
}
