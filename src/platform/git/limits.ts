import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";

/** What a branch may ask of its reader; spec/trust.md section 2. */
export interface Limits {
  /** Names in a path. */
  readonly depth: number;
  /** Entries of one folder. */
  readonly entries: number;
  /** Files and folders that one walk over a difference may visit. */
  readonly visits: number;
  /** Bound of every document that is not stored as it was imported, and of every blob that is read by its id. */
  readonly documentBytes: number;
  /** Bound of documents that are stored as they were imported. */
  readonly importedBytes: number;
  /** Bytes that one call of `read` may answer. */
  readonly totalBytes: number;
  /** Tells whether a path holds documents as they were imported. */
  isImported(path: string): boolean;
}

const MIB = 1024 * 1024;

/** Limits of every driver unless others are given. */
export const defaultLimits: Limits = Object.freeze({
  depth: 12,
  entries: 50_000,
  visits: 4_000_000,
  documentBytes: MIB,
  importedBytes: 32 * MIB,
  totalBytes: 64 * MIB,
  isImported: () => false,
});

/** Longest tree that can hold the allowed entries with names of up to 255 bytes. */
export function treeBytes(limits: Limits): number {
  return limits.entries * 300;
}

/** Bytes of a commit; ours are below 4 KB, signed merges of a forge below 20. */
export const COMMIT_BYTES = 256 * 1024;

/** Bytes that a file at a path may have. */
export function fileBytes(limits: Limits, path: string): number {
  return limits.isImported(path) ? limits.importedBytes : limits.documentBytes;
}

/** Something on a branch is larger than any reader or writer of ours takes. */
export function limitExceeded(what: string, limit: string, bound: number): ToolError {
  return new ToolError("state.limit.exceeded", `${printable(what)} exceeds the limit of ${bound} ${limit}`, {
    data: { what: printable(what), limit, bound },
  });
}

/** Refuses what is longer than a bound, before it is taken. */
export function atMost(what: string, bound: number): (sizeBytes: number) => void {
  return (sizeBytes) => {
    if (sizeBytes > bound) throw limitExceeded(what, "bytes", bound);
  };
}
