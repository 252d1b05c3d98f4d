import type { ToolError } from "../kernel/errors.ts";

/** Little-endian numbers at checked positions of a byte array. */
export interface Bytes {
  readonly length: number;
  readonly u8: (at: number) => number;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  /** Throws beyond 2^53, as no file can be that long. */
  readonly u64: (at: number) => number;
  readonly slice: (at: number, length: number) => Uint8Array;
  /** A part of it with positions of its own. */
  readonly part: (at: number, length: number) => Bytes;
}

/** Reads numbers from bytes; `outOfRange` makes the error for a position beyond them. */
export function bytesOf(bytes: Uint8Array, outOfRange: (message: string) => ToolError): Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const check = (at: number, length: number): number => {
    if (Number.isSafeInteger(at) && at >= 0 && length >= 0 && at + length <= bytes.length) return at;
    throw outOfRange(`A structure of ${bytes.length} bytes refers to bytes ${at} to ${at + length} of itself`);
  };
  const slice = (at: number, length: number) => bytes.subarray(check(at, length), at + length);
  return {
    length: bytes.length,
    u8: (at) => view.getUint8(check(at, 1)),
    u16: (at) => view.getUint16(check(at, 2), true),
    u32: (at) => view.getUint32(check(at, 4), true),
    u64: (at) => {
      const value = view.getBigUint64(check(at, 8), true);
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw outOfRange("A size or position is larger than any file");
      return Number(value);
    },
    slice,
    part: (at, length) => bytesOf(slice(at, length), outOfRange),
  };
}
