import { readFile, readlink, realpath, stat } from "node:fs/promises";
import { constants } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ToolError } from "../kernel/errors.ts";
import { byCodePoint, printable } from "../kernel/text.ts";
import type { Assets, Files, FileStat, OpenFile } from "../ports/files.ts";
import {
  disk as realDisk,
  fillNewFile,
  readFully,
  removeFile,
  syncFolder,
  temporaryBeside,
  writeFully,
  type Disk,
  type Handle,
} from "./disk.ts";
import { errnoOf, onPath } from "./file-errors.ts";

/** Files that others may read unless the umask says no. */
const PLAIN_MODE = 0o666;

/** The user's files on this machine's disk. A crash while writing leaves the old file or the new one, and perhaps a `.<hex>.tmp`. */
export function nodeFiles(disk: Disk = realDisk): Files {
  return {
    stat: (path) => onPath(path, () => statOf(disk, path)),
    open: (path) => onPath(path, () => openFile(disk, path)),
    read: (path, maxBytes) => onPath(path, () => readBounded(disk, path, maxBytes)),
    names: (path) => onPath(path, async () => (await disk.readdir(path)).toSorted(byCodePoint)),
    write: (path, content, options = {}) =>
      onPath(path, async () => {
        await mayBeReplaced(path);
        await replaceFile(disk, path, options.mode ?? PLAIN_MODE, options.exclusive === true, (handle) =>
          writeFully(handle, content, 0),
        );
      }),
    writeStream: (path, chunks, accept) =>
      onPath(path, async () => {
        await mayBeReplaced(path);
        await replaceFile(disk, path, PLAIN_MODE, false, async (handle) => {
          let position = 0;
          for await (const chunk of chunks) {
            await writeFully(handle, chunk, position);
            position += chunk.length;
          }
          await handle.sync();
          accept();
        });
      }),
    remove: (path) =>
      onPath(path, async () => {
        if (await removeFile(disk, path)) await syncFolder(disk, dirname(path));
      }),
    real: (path) => onPath(path, () => realpath(path)),
  };
}

/** Files that ship with the package, below a folder; only `/`-separated relative paths without `..` are read. */
export function nodeAssets(root: string): Assets {
  return { read: async (path) => onPath(path, () => readFile(join(root, judgedPath(path)))) };
}

/** Refuses a path that could leave the folder it is relative to. */
export function judgedPath(path: string): string {
  const parts = path.split("/");
  if (
    parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\\") || part.includes("\0"))
  ) {
    throw new ToolError("usage.invalid_argument", `${printable(path)} is no path inside the folder`, {
      data: { path: printable(path) },
    });
  }
  return path;
}

/** Gives a path its new content by temporary file, sync and rename, or fails with the old content in place. */
export async function replaceFile(
  disk: Disk,
  path: string,
  mode: number,
  exclusive: boolean,
  fill: (handle: Handle) => Promise<void>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  await disk.mkdir(dirname(path), { recursive: true });
  await fillNewFile(disk, temporary, mode, fill);
  try {
    // A rename replaces what is there; a second name for the file does not.
    if (exclusive) await disk.link(temporary, path);
    else await disk.rename(temporary, path);
  } finally {
    await removeFile(disk, temporary).catch(() => undefined);
  }
  await syncFolder(disk, dirname(path));
}

/** A rename would put a file in the place of a device or pipe, or of a link to one, for everybody on this machine. */
async function mayBeReplaced(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(cause))) return null;
    throw cause;
  });
  if (found !== null && !found.isFile()) throw notRegular(path);
  // What /dev/stdout leads to is a file where it is redirected into one; the link is everybody's all the same.
  const target = await readlink(path).catch(() => "");
  if (/^\/(dev|proc)\//.test(resolve(dirname(path), target)) && target !== "") throw notRegular(path);
}

async function statOf(disk: Disk, path: string): Promise<FileStat | null> {
  try {
    const found = await disk.lstat(path);
    const kind = found.isFile() ? "file" : found.isDirectory() ? "folder" : found.isSymbolicLink() ? "link" : "other";
    return { kind, sizeBytes: found.size, modifiedMs: found.mtimeMs };
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return null;
    throw cause;
  }
}

/** Opens a regular file; a FIFO is refused instead of waited for. `hint` says what to do then. */
export async function openRegular(
  disk: Disk,
  path: string,
  hint?: string,
): Promise<{ readonly handle: Handle; readonly sizeBytes: number }> {
  const handle = await disk.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await handle.stat();
  if (found.isFile()) return { handle, sizeBytes: found.size };
  await handle.close();
  throw notRegular(path, hint);
}

/** A folder, pipe or device lies in the place of a file. */
export function notRegular(path: string, hint = "Name a file"): ToolError {
  return new ToolError("file.not_regular", `${printable(path)} is no regular file`, {
    data: { path: printable(path) },
    hints: [hint],
  });
}

async function openFile(disk: Disk, path: string): Promise<OpenFile> {
  const { handle, sizeBytes } = await openRegular(disk, path);
  return {
    sizeBytes,
    read: (offset, length, given) =>
      onPath(path, async () => {
        const size = Math.max(0, Math.min(length, sizeBytes - offset));
        const into = given === undefined || given.length < size ? new Uint8Array(size) : given.subarray(0, size);
        return into.subarray(0, await readFully(handle, into, size, offset));
      }),
    close: () => handle.close(),
  };
}

async function readBounded(disk: Disk, path: string, maxBytes: number): Promise<Uint8Array> {
  const { handle, sizeBytes } = await openRegular(disk, path);
  try {
    // One byte more than the bound is asked for, so that a file which grows meanwhile, or lies like /proc, is found.
    const into = new Uint8Array(Math.min(Math.max(sizeBytes, 65_536), maxBytes) + 1);
    let length = await readFully(handle, into, into.length, 0);
    if (length === into.length && length <= maxBytes) length = maxBytes + 1;
    if (sizeBytes > maxBytes || length > maxBytes) throw tooLarge(path, maxBytes);
    return into.subarray(0, length);
  } finally {
    await handle.close();
  }
}

function tooLarge(path: string, maxBytes: number): ToolError {
  return new ToolError("file.too_large", `${printable(path)} is larger than ${maxBytes} bytes`, {
    data: { path: printable(path), max_bytes: maxBytes },
  });
}
