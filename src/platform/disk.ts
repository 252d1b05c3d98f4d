import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import * as promises from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf } from "./file-errors.ts";
import { makeFolders } from "./make-folders.ts";

/** The disk calls that change something; a test hands in its own to make one of them fail. */
export interface Disk {
  readonly open: (path: string, flags: string | number, mode?: number) => Promise<Handle>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly link: (existing: string, path: string) => Promise<void>;
  readonly unlink: (path: string) => Promise<void>;
  readonly mkdir: (
    path: string,
    options: { readonly recursive: true; readonly mode?: number },
  ) => Promise<string | undefined>;
  readonly readdir: (path: string) => Promise<string[]>;
  readonly lstat: (path: string) => Promise<Stats>;
  readonly chmod: (path: string, mode: number) => Promise<void>;
}

/** The disk of this machine. */
export const disk: Disk = { ...promises, mkdir: (path, { mode }) => makeFolders(path, mode) };

/** Mode of stored artifacts and of their staged copies: their bytes never change, so nobody may write to them. */
export const STORED_MODE = 0o444;

/** A handle for reading or writing one file. */
export type Handle = promises.FileHandle;

/** A name that nobody can guess, beside its target, so that a rename stays on one file system. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(12).toString("hex")}.tmp`);
}

/** A name in a staging folder that nobody can guess; null where there is no folder. */
export function newStaged(staging: string | null): string | null {
  return staging === null ? null : temporaryBeside(join(staging, "file"));
}

/** Makes renames and removals in a folder durable. File systems that cannot sync a folder do it on their own. */
export async function syncFolder(on: Disk, folder: string): Promise<void> {
  const handle = await on.open(folder, "r");
  try {
    await handle.sync();
  } catch (cause) {
    if (!["EINVAL", "ENOTSUP", "EBADF"].includes(errnoOf(cause))) throw cause;
  } finally {
    await handle.close();
  }
}

/** Removes a file; one that is gone already is fine. Answers whether there was one. */
export async function removeFile(on: Disk, path: string): Promise<boolean> {
  try {
    await on.unlink(path);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return false;
    throw cause;
  }
}

/**
 * Creates a file that must not exist, fills it, syncs it and closes it. When filling fails, the file is removed again;
 * a crash leaves it behind under its temporary name.
 */
export async function fillNewFile<T>(
  on: Disk,
  path: string,
  mode: number,
  fill: (handle: Handle) => Promise<T>,
): Promise<T> {
  const handle = await on.open(path, "wx", mode);
  try {
    const result = await fill(handle);
    await handle.sync();
    await handle.close();
    return result;
  } catch (cause) {
    await handle.close().catch(() => undefined);
    await removeFile(on, path).catch(() => undefined);
    throw cause;
  }
}

/** Writes all bytes at a position; one write call may take fewer. */
export async function writeFully(handle: Handle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Reads up to `length` bytes at a position into a buffer; fewer only at the end of the file. */
export async function readFully(handle: Handle, into: Uint8Array, length: number, position: number): Promise<number> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(into, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
