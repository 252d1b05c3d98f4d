import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { dirname, join } from "node:path";
import type { ByteSource } from "../kernel/byte-source.ts";
import { isSha256 } from "../kernel/digest.ts";
import { ToolError } from "../kernel/errors.ts";
import { isOpaqueId } from "../kernel/ids.ts";
import { printable } from "../kernel/text.ts";
import type { ArtifactStore, Draft, Location, StoredFile, Upload } from "../ports/artifact-store.ts";
import type { Task } from "../ports/log.ts";
import {
  disk as realDisk,
  fillNewFile,
  removeFile,
  STORED_MODE,
  syncFolder,
  temporaryBeside,
  writeFully,
  type Disk,
} from "./disk.ts";
import { alteredFile } from "./altered-file.ts";
import { errnoOf, onPath } from "./file-errors.ts";

/** What a forge takes too, so that a release can move between the drivers; 2 GiB less one byte. */
const DEFAULT_MAX_FILE_BYTES = 2_147_483_647;
const MAX_FILES = 1000;
const CHUNK_BYTES = 1 << 20;
const DAY_MS = 86_400_000;
/** Mark of bytes that this draft did not write. */
const UNREAD = "";

/** Settings of the file driver; `disk` and `now` are given by tests. */
export interface FileStoreOptions {
  readonly maxFileBytes?: number;
  readonly disk?: Disk;
  readonly now?: () => number;
}

/**
 * Artifacts on a disk: `<dir>/<2 hex>/<sha256>`, staged in `<dir>/incoming/`. A file appears under its digest only whole
 * and synced, so a crash leaves at most a staged file that `sweep` removes after a day.
 */
export function fileArtifactStore(dir: string, options: FileStoreOptions = {}): ArtifactStore {
  const disk = options.disk ?? realDisk;
  const staging = join(dir, "incoming");
  const on: Place = { disk, dir, staging };
  return {
    driver: "file",
    maxFileBytes: options.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES,
    maxFiles: MAX_FILES,
    staging,
    repository: null,
    preflight: async () => [],
    draft: async ({ id, ref }) => draftOf(on, ref ?? id),
    open: (sha256) => streamStored(on, sha256),
    stat: (sha256, location) => statStored(on, sha256, location),
    remove: (sha256) =>
      onPath(dir, async () => {
        const path = pathOf(on, sha256);
        if (await removeFile(disk, path)) await syncFolder(disk, dirname(path));
      }),
    held: async () => [],
    drop: async () => undefined,
    sweep: () => onPath(staging, () => sweep(on, (options.now ?? Date.now)() - DAY_MS)),
  };
}

interface Place {
  readonly disk: Disk;
  readonly dir: string;
  readonly staging: string;
}

/** A file that a draft put, and what the disk said of it then: whatever is written to it afterwards changes that. */
interface PutFile {
  readonly stored: StoredFile & { readonly sha256: string };
  readonly mark: string;
  /** What the bytes are, which is not what was put where somebody wrote to them. */
  readonly found: { readonly sizeBytes: number; readonly sha256: string };
}

/**
 * The draft of a release; its files are stored by digest at once, what is published is said by the release's document.
 * It lists what the disk holds: a file that was touched since it was put is hashed again.
 */
function draftOf(on: Place, releaseId: string): Draft {
  if (!isOpaqueId(releaseId)) throw new ToolError("usage.invalid_argument", `${printable(releaseId)} is no release id`);
  const files = new Map<string, PutFile>();
  return {
    ref: releaseId,
    tag: null,
    state: "new",
    list: () =>
      onPath(on.dir, async () => {
        const now = await Promise.all([...files.values()].map((put) => asItIs(on, put)));
        const there = now.filter((put) => put !== null);
        for (const put of there) files.set(put.stored.name, put);
        return there.map(({ stored, found }) => ({ ...stored, ...found }));
      }),
    put: async (file, task) => {
      const taken = files.get(file.name);
      if (taken !== undefined && taken.stored.sha256 !== file.sha256) throw nameTaken(file.name);
      const mark = await onPath(on.dir, () => putFile(on, file, task));
      const location = {
        driver: "file",
        release_id: releaseId,
        asset_id: null,
        asset_name: file.name,
        url: relativeOf(file.sha256),
      } as const;
      const { name, sizeBytes, sha256 } = file;
      const stored = { name, sizeBytes, sha256, state: "stored", location } as const;
      files.set(file.name, { stored, mark, found: { sizeBytes, sha256 } });
      return stored;
    },
    // A file is in the draft whole or not at all.
    dropIncomplete: async () => undefined,
    tagCommit: async () => null,
    publish: async () => ({ tag: null, url: null, immutable: null }),
  };
}

/** Reads a file again where it was touched since it was put or read; null where it is gone. */
async function asItIs(on: Place, put: PutFile): Promise<PutFile | null> {
  const now = await markOf(on.disk, pathOf(on, put.stored.sha256));
  if (now === null || now.mark === put.mark) return now && put;
  const hash = createHash("sha256");
  for await (const bytes of streamStored(on, put.stored.sha256)) hash.update(bytes);
  return { ...put, mark: now.mark, found: { sizeBytes: now.sizeBytes, sha256: hash.digest("hex") } };
}

/** Puts a file under its digest and answers its mark; none for bytes that were there before, so that they are read again. */
async function putFile(on: Place, file: Upload, task: Task): Promise<string> {
  const path = pathOf(on, file.sha256);
  const there = await markOf(on.disk, path);
  if (there?.sizeBytes === file.sizeBytes) {
    if (file.staged !== null) await removeFile(on.disk, judgedStaged(on, file.staged));
    task.step(file.sizeBytes);
    return UNREAD;
  }
  const staged = file.staged === null ? await stage(on, file, task) : judgedStaged(on, file.staged);
  if ((await markOf(on.disk, staged))?.sizeBytes !== file.sizeBytes) throw alteredFile(file);
  await makeFolder(on, dirname(path));
  await on.disk.rename(staged, path);
  await syncFolder(on.disk, dirname(path));
  task.step(file.sizeBytes);
  return (await markOf(on.disk, path))?.mark ?? UNREAD;
}

/** Copies the bytes beside the store while hashing them; they were hashed before, so a difference is an altered file. */
async function stage(on: Place, file: Upload, task: Task): Promise<string> {
  await on.disk.mkdir(on.staging, { recursive: true });
  const path = temporaryBeside(join(on.staging, "file"));
  await fillNewFile(on.disk, path, STORED_MODE, async (handle) => {
    const hash = createHash("sha256");
    for await (const { offset, bytes } of chunksOf(file.from)) {
      hash.update(bytes);
      await writeFully(handle, bytes, offset);
      task.step(offset + bytes.length);
    }
    if (hash.digest("hex") !== file.sha256) throw alteredFile(file);
  });
  return path;
}

async function* chunksOf(source: ByteSource): AsyncGenerator<{ readonly offset: number; readonly bytes: Uint8Array }> {
  for (let offset = 0; offset < source.sizeBytes; ) {
    const bytes = await source.read(offset, CHUNK_BYTES);
    if (bytes.length === 0) return;
    yield { offset, bytes };
    offset += bytes.length;
  }
}

/** Makes `<dir>/<2 hex>` and its name in `<dir>` durable, once. */
async function makeFolder(on: Place, folder: string): Promise<void> {
  if ((await on.disk.mkdir(folder, { recursive: true })) !== undefined) await syncFolder(on.disk, on.dir);
}

async function* streamStored(on: Place, sha256: string): AsyncGenerator<Uint8Array> {
  const path = pathOf(on, sha256);
  if ((await onPath(on.dir, () => markOf(on.disk, path))) === null) throw missing(sha256);
  const handle = await onPath(path, () =>
    on.disk.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),
  ).catch((cause: unknown) => {
    throw cause instanceof ToolError && cause.code === "file.not_found" ? missing(sha256) : cause;
  });
  try {
    for (;;) {
      const { bytesRead, buffer } = await onPath(path, () =>
        handle.read(new Uint8Array(CHUNK_BYTES / 4), 0, CHUNK_BYTES / 4, null),
      );
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function statStored(on: Place, sha256: string, location: Location): Promise<StoredFile | null> {
  const found = await onPath(on.dir, () => markOf(on.disk, pathOf(on, sha256)));
  return found && { name: location.asset_name, sizeBytes: found.sizeBytes, sha256, state: "stored", location };
}

/** Size of a regular file, and what changes with every write to it; null where there is none. */
async function markOf(disk: Disk, path: string): Promise<{ readonly sizeBytes: number; readonly mark: string } | null> {
  try {
    const found = await disk.lstat(path);
    if (!found.isFile()) return null;
    return { sizeBytes: found.size, mark: [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(" ") };
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return null;
    throw cause;
  }
}

async function sweep(on: Place, olderThanMs: number): Promise<number> {
  let freedBytes = 0;
  for (const name of await on.disk.readdir(on.staging).catch((cause: unknown) => absent(cause))) {
    const path = join(on.staging, name);
    const found = await on.disk.lstat(path).catch((cause: unknown) => absent(cause));
    if (Array.isArray(found) || !found.isFile() || found.mtimeMs > olderThanMs) continue;
    if (await removeFile(on.disk, path)) freedBytes += found.size;
  }
  return freedBytes;
}

/** Another process may sweep at the same time, and a new store has no folder yet: nothing there is nothing to do. */
function absent(cause: unknown): [] {
  if (errnoOf(cause) === "ENOENT") return [];
  throw cause;
}

/** Paths come from the digest alone; a location is a claim of a document. */
function pathOf(on: Place, sha256: string): string {
  if (!isSha256(sha256)) throw new ToolError("usage.invalid_argument", `${printable(sha256)} is no SHA-256`);
  return join(on.dir, relativeOf(sha256));
}

function relativeOf(sha256: string): string {
  return `${sha256.slice(0, 2)}/${sha256}`;
}

function judgedStaged(on: Place, staged: string): string {
  if (dirname(staged) === on.staging) return staged;
  throw new ToolError("usage.invalid_argument", "A staged file must lie in the staging folder of its store");
}

function nameTaken(name: string): ToolError {
  return new ToolError("dist.upload.name_taken", `${printable(name)} is taken by other bytes in this release`, {
    data: { name: printable(name) },
  });
}

function missing(sha256: string): ToolError {
  return new ToolError("artifact.missing", `The store has no artifact ${sha256}`, { data: { sha256 } });
}
