import { closeSync, readSync } from "node:fs";
import type { KeptFile } from "../ports/files.ts";

/** What is read at once, for whoever reads one small part after another. */
const BLOCK_BYTES = 8 * 1024;

/** Closes what nobody reads any more. */
const open = new FinalizationRegistry<number>((file) => closeSync(file));

/** A file by its open descriptor, which is closed when nothing refers to the answer any more. */
export function keptFile(file: number, sizeBytes: number): KeptFile {
  let block: { readonly from: number; readonly bytes: Uint8Array } = { from: 0, bytes: new Uint8Array() };
  const kept: KeptFile = {
    sizeBytes,
    part(from, to, given) {
      if (given !== undefined && given.length >= to - from) return filled(file, given.subarray(0, to - from), from);
      if (from < block.from || to > block.from + block.bytes.length) block = { from, bytes: readAt(file, from, to) };
      return block.bytes.subarray(from - block.from, to - block.from);
    },
  };
  open.register(kept, file);
  return kept;
}

function readAt(file: number, from: number, to: number): Uint8Array {
  return filled(file, Buffer.allocUnsafeSlow(Math.max(to - from, BLOCK_BYTES)), from);
}

function filled(file: number, into: Uint8Array, from: number): Uint8Array {
  let done = 0;
  for (let read = -1; read !== 0 && done < into.length; done += read)
    read = readSync(file, into, done, into.length - done, from + done);
  return into.subarray(0, done);
}

/** The same of bytes in memory. */
export function keptBytes(bytes: Uint8Array): KeptFile {
  return { sizeBytes: bytes.length, part: (from, to) => bytes.subarray(from, to) };
}
