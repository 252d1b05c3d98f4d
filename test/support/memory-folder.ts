import { keptBytes } from "../../src/platform/kept-file.ts";
import type { Folder } from "../../src/ports/files.ts";

/** A private folder in memory; a test may change what lies in it. */
export interface MemoryFolder extends Folder {
  readonly files: Map<string, Uint8Array>;
}

/** Makes an empty folder in memory. */
export function memoryFolder(): MemoryFolder {
  const files = new Map<string, Uint8Array>();
  return {
    path: "memory:",
    files,
    read: async (path) => files.get(path) ?? null,
    open: async (path) => {
      const bytes = files.get(path);
      return bytes === undefined ? null : keptBytes(bytes);
    },
    write: async (path, content) => void files.set(path, Uint8Array.from(content)),
    names: async (path) => [...files.keys()].filter((name) => name.startsWith(path)).toSorted(),
    remove: async (path) => void files.delete(path),
  };
}
