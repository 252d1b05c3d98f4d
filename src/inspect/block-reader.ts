import type { ByteSource } from "../kernel/byte-source.ts";
import type { ToolError } from "../kernel/errors.ts";

const BLOCK_BYTES = 65_536;
const KEPT_BLOCKS = 16;

/** Bounded random access: every read is checked against the size, and gives exactly what was asked for. */
export interface BlockReader {
  readonly sizeBytes: number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/**
 * Reads a file through 16 blocks of 64 KiB; longer reads go past them.
 * @param outOfRange makes the error for a read beyond the file
 */
export function blockReader(file: ByteSource, outOfRange: (message: string) => ToolError): BlockReader {
  // A map remembers the order of insertion: the first key is the block that was not used for longest.
  const blocks = new Map<number, Uint8Array>();
  const block = async (index: number): Promise<Uint8Array> => {
    const found = blocks.get(index) ?? (await file.read(index * BLOCK_BYTES, BLOCK_BYTES));
    blocks.delete(index);
    blocks.set(index, found);
    const [oldest] = blocks.keys();
    if (blocks.size > KEPT_BLOCKS && oldest !== undefined) blocks.delete(oldest);
    return found;
  };
  const exactly = (bytes: Uint8Array, length: number): Uint8Array => {
    if (bytes.length !== length) throw outOfRange("The file ends earlier than its size says");
    return bytes;
  };
  return {
    sizeBytes: file.sizeBytes,
    read: async (offset, length) => {
      if (
        !Number.isSafeInteger(offset) ||
        !Number.isSafeInteger(length) ||
        offset < 0 ||
        length < 0 ||
        offset + length > file.sizeBytes
      ) {
        throw outOfRange(
          `The file has ${file.sizeBytes} bytes, but its content lies at ${offset} to ${offset + length}`,
        );
      }
      const first = Math.floor(offset / BLOCK_BYTES);
      const from = offset - first * BLOCK_BYTES;
      if (from + length > BLOCK_BYTES) return exactly(await file.read(offset, length), length);
      return exactly((await block(first)).subarray(from, from + length), length);
    },
  };
}
