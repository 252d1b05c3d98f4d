import type { ByteSource } from "../kernel/byte-source.ts";
import type { Task } from "./log.ts";

/** Where bytes lie, as the `locations[]` row of an artifact record says it; never a machine path. */
export interface Location {
  readonly driver: "file" | "forge_asset";
  readonly release_id: string;
  readonly asset_id: string | null;
  readonly asset_name: string;
  readonly url: string | null;
}

/** A file that the store holds, or began to hold. */
export interface StoredFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** As the store knows it; null where it does not say. */
  readonly sha256: string | null;
  readonly state: "stored" | "incomplete";
  readonly location: Location;
}

/** A file to store; digest and size are known before, because every file is read once, by the intake. */
export interface Upload {
  readonly name: string;
  readonly label: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Path that the intake staged for this store, or null where it has no staging folder. */
  readonly staged: string | null;
  readonly from: ByteSource;
}

/** The write side of one release: found again by its reference, published as a whole. */
export interface Draft {
  /** Recorded in the release as `forge.release_id`, null on the `file` driver's record. */
  readonly ref: string;
  list(): Promise<readonly StoredFile[]>;
  /** Stores one file; equal bytes already there are kept. Throws `dist.upload.name_taken`. */
  put(file: Upload, task: Task): Promise<StoredFile>;
  /** Removes a file of this draft that never finished; nothing else is ever removed. */
  dropIncomplete(file: StoredFile): Promise<void>;
  publish(): Promise<{ readonly tag: string | null; readonly url: string | null }>;
}

/** Artifacts by digest. Drivers: file (`<dir>/<2 hex>/<sha256>`); forge_asset later. */
export interface ArtifactStore {
  readonly driver: Location["driver"];
  readonly maxFileBytes: number;
  readonly maxFiles: number;
  /** Folder on the store's own disk into which the intake copies while it reads; null where there is none. */
  readonly staging: string | null;
  /** Its own draft by `ref`, else a new one; `target` is the commit that the tag must name. */
  draft(release: {
    readonly id: string;
    readonly tag: string;
    readonly target: string | null;
    readonly ref: string | null;
  }): Promise<Draft>;
  /** Bytes of a stored artifact; throws `artifact.missing`. */
  open(sha256: string, location: Location): AsyncIterable<Uint8Array>;
  stat(sha256: string, location: Location): Promise<StoredFile | null>;
  remove(sha256: string, location: Location): Promise<void>;
  /** Removes staged files that no running publish owns and that are older than a day; answers how many bytes. */
  sweep(): Promise<number>;
}
