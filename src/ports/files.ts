import type { ByteSource } from "../kernel/byte-source.ts";

/** A file that is open for reading; the size stays what it was when it was opened. */
export interface OpenFile extends ByteSource {
  close(): Promise<void>;
}

/** What the disk says of a path, without following a link. */
export interface FileStat {
  readonly kind: "file" | "folder" | "link" | "other";
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * The user's files by path, relative to the current folder or absolute. Throws `file.not_found`, `file.not_permitted`,
 * `file.too_large`, `file.no_space`, `file.read_only`, `file.not_regular`.
 */
export interface Files {
  stat(path: string): Promise<FileStat | null>;
  open(path: string): Promise<OpenFile>;
  /** The whole file, refused above `maxBytes` before it is read. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  names(path: string): Promise<readonly string[]>;
  /** Writes by temporary file, sync and rename; makes missing folders; `mode` for secrets. Only a file, or nothing, is replaced. */
  write(
    path: string,
    content: Uint8Array,
    options?: { readonly mode?: number; readonly exclusive?: boolean },
  ): Promise<void>;
  /** Streams to a temporary file, syncs, lets `accept` judge, and only then gives it its name. */
  writeStream(path: string, chunks: AsyncIterable<Uint8Array>, accept: () => void): Promise<void>;
  remove(path: string): Promise<void>;
  /** Real path of a folder with all links followed, for containment checks. */
  real(path: string): Promise<string>;
}

/** A file that stays as it was when it was opened, whatever takes its place. */
export interface KeptFile {
  readonly sizeBytes: number;
  /** What lies between two places, read now, shorter where the file ends before; in `given` where that is large enough. */
  part(from: number, to: number, given?: Uint8Array): Uint8Array;
}

/** A private folder of the user's (cache, keys): paths are relative to it; 0700, owner checked. Absent files read as null. */
export interface Folder {
  readonly path: string;
  read(path: string): Promise<Uint8Array | null>;
  /** Opens a large file of which parts are read. */
  open(path: string): Promise<KeptFile | null>;
  write(path: string, content: Uint8Array): Promise<void>;
  names(path: string): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
}

/** Files that ship with the package: schemas and templates. */
export interface Assets {
  read(path: string): Promise<Uint8Array>;
}
