import type { ByteSource } from "../kernel/byte-source.ts";
import type { Reason } from "../kernel/errors.ts";
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

/** What a draft is asked for. */
export interface DraftWish {
  /** Id of our own release, which a draft carries so that it is found again. */
  readonly id: string;
  readonly tag: string;
  /** Commit that the tag must name; null where the store does not hold the code. */
  readonly target: string | null;
  /** Its reference, as far as it was recorded. */
  readonly ref: string | null;
  /** For people. */
  readonly title: string;
  readonly notes: string | null;
  /** True where this run made the id, so that no earlier run can have made a draft for it. */
  readonly isNew: boolean;
}

/** The write side of one release: found again by its reference, published as a whole. */
export interface Draft {
  /** Recorded in the release as `forge.release_id`, null on the `file` driver's record. */
  readonly ref: string;
  /** Tag that publishing makes; null where the store makes none. */
  readonly tag: string | null;
  /** `new` holds nothing yet; an earlier run may have put files into a `resumed` one; a `published` one is only compared. */
  readonly state: "new" | "resumed" | "published";
  list(): Promise<readonly StoredFile[]>;
  /** Stores one file; equal bytes already there are kept. Its name is the one that the store gave it. Throws `dist.upload.name_taken`. */
  put(file: Upload, task: Task): Promise<StoredFile>;
  /** Removes a file of this draft that never finished; nothing else is ever removed. */
  dropIncomplete(file: StoredFile): Promise<void>;
  /** Commit that the tag names now; null where there is no such tag, or the store makes none. */
  tagCommit(): Promise<string | null>;
  /** Shows the release to everyone; done once, and the same again. */
  publish(): Promise<Publication>;
}

/** What publishing came to. */
export interface Publication {
  readonly tag: string | null;
  readonly url: string | null;
  /** Whether nobody can change it any more; null where that is not known, or was not asked for. */
  readonly immutable: boolean | null;
}

/** A release that a store keeps as such, found by the mark that its draft was given. */
export interface HeldRelease {
  readonly ref: string;
  /** Id of our own release. */
  readonly id: string;
  readonly tag: string;
  readonly state: "draft" | "published";
  readonly createdAt: string;
  readonly sizeBytes: number;
}

/** Artifacts by digest. Drivers: file (`<dir>/<2 hex>/<sha256>`), forge_asset (assets of GitHub's releases). */
export interface ArtifactStore {
  readonly driver: Location["driver"];
  readonly maxFileBytes: number;
  readonly maxFiles: number;
  /** Folder on the store's own disk into which the intake copies while it reads; null where there is none. */
  readonly staging: string | null;
  /** `owner/repo` of the code whose commits its tags name; null where it makes no tags. */
  readonly repository: string | null;
  /** Finds out before anything is written why a release could not be stored: rights, the tag. */
  preflight(release: Pick<DraftWish, "tag" | "target" | "ref">): Promise<readonly Reason[]>;
  /** Its own draft by `ref`, else one that an earlier run made and never recorded, else a new one. */
  draft(release: DraftWish): Promise<Draft>;
  /** Bytes of a stored artifact; throws `artifact.missing`. */
  open(sha256: string, location: Location): AsyncIterable<Uint8Array>;
  stat(sha256: string, location: Location): Promise<StoredFile | null>;
  /** Removes the bytes, or the whole release that holds them where the store keeps releases. */
  remove(sha256: string, location: Location): Promise<void>;
  /** Releases of ours; none where the store keeps only files. */
  held(): Promise<readonly HeldRelease[]>;
  /** Removes a release with all its files. */
  drop(held: HeldRelease): Promise<void>;
  /** Removes staged files that no running publish owns and that are older than a day; answers how many bytes. */
  sweep(): Promise<number>;
}
