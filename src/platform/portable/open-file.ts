import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errnoOf, fileError } from "../file-errors.ts";

/** A regular file that is open for reading. */
export interface OpenFile {
  readonly sizeBytes: number;
  /** Up to so many bytes from a place on; fewer at the end. */
  read(from: number, lengthBytes: number): Buffer;
  close(): void;
}

/** Opens a regular file; null where there is none. Waits for no pipe. Throws `file.not_permitted` and what else the disk refuses. */
export function openFile(path: string): OpenFile | null {
  const file = descriptorOf(path);
  if (file === null) return null;
  const found = fstatSync(file);
  if (!found.isFile()) {
    closeSync(file);
    return null;
  }
  return {
    sizeBytes: found.size,
    read(from, lengthBytes) {
      const length = Math.max(0, Math.min(lengthBytes, found.size - from));
      const bytes = Buffer.allocUnsafe(length);
      try {
        for (let at = 0; at < length; ) {
          const count = readSync(file, bytes, at, length - at, from + at);
          if (count === 0) return bytes.subarray(0, at);
          at += count;
        }
      } catch (cause) {
        throw fileError(cause, path);
      }
      return bytes;
    },
    close: () => closeSync(file),
  };
}

function descriptorOf(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if (["ENOENT", "ENOTDIR", "EISDIR", "ENXIO"].includes(errnoOf(cause))) return null;
    throw fileError(cause, path);
  }
}
