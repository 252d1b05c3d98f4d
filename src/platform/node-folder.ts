import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { ToolError } from "../kernel/errors.ts";
import { byCodePoint, printable } from "../kernel/text.ts";
import type { Folder, KeptFile } from "../ports/files.ts";
import { disk as realDisk, readFully, removeFile, writeFully, type Disk } from "./disk.ts";
import { errnoOf, onPath } from "./file-errors.ts";
import { keptBytes, keptFile } from "./kept-file.ts";
import { judgedPath, notRegular, openRegular, replaceFile } from "./node-files.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS_MAY_WRITE = 0o022;
const SMALL_BYTES = 64 * 1024;
/** What to do where something else lies in the place of a file of ours. */
const OUT_OF_THE_WAY = "Move it out of the way and run the command again";

/**
 * A private folder of the user's. It is made with mode 0700 on the first write; one that belongs to somebody else,
 * is a link, or that others may write to is refused with `file.not_permitted`, because what lies in it was not ours to trust.
 */
export function nodeFolder(path: string, disk: Disk = realDisk): Folder {
  const within = (name: string) => join(path, judgedPath(name));
  return {
    path,
    read: async (name) => onPath(within(name), () => absentIsNull(() => readOwn(disk, path, within(name)))),
    open: async (name) => onPath(within(name), () => absentIsNull(() => openOwn(disk, path, within(name)))),
    write: async (name, content) =>
      onPath(within(name), async () => {
        await makeOwn(disk, path);
        await disk.mkdir(dirname(within(name)), { recursive: true, mode: FOLDER_MODE });
        await replaceFile(disk, within(name), FILE_MODE, false, (handle) => writeFully(handle, content, 0));
      }),
    names: async (name) =>
      onPath(name === "" ? path : within(name), async () => {
        const names = await absentIsNull(() => disk.readdir(name === "" ? path : within(name)));
        return (names ?? []).filter((found) => !found.endsWith(".tmp")).toSorted(byCodePoint);
      }),
    remove: async (name) =>
      onPath(within(name), async () => {
        await removeFile(disk, within(name));
      }),
  };
}

/**
 * Holds that a folder in which private folders lie is the user's own, where it is there at all: what others may write to, they may have
 * filled. Throws `file.not_permitted`.
 */
export async function judgeHome(path: string, disk: Disk = realDisk): Promise<void> {
  await onPath(path, () => absentIsNull(() => judgeOwner(disk, path)));
}

async function readOwn(disk: Disk, folder: string, path: string): Promise<Uint8Array> {
  await takeOwn(disk, folder, lstatSync(folder));
  return readSmall(path) ?? readLarge(disk, path);
}

/** Reads a small file sooner than a thread is asked to, of which it takes five times; null for any other. Waits for no pipe. */
function readSmall(path: string): Uint8Array | null {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    return found.isFile() && found.size <= SMALL_BYTES ? readFileSync(file) : null;
  } finally {
    closeSync(file);
  }
}

async function readLarge(disk: Disk, path: string): Promise<Uint8Array> {
  const { handle, sizeBytes } = await openRegular(disk, path, OUT_OF_THE_WAY);
  try {
    // In one piece: the engine's own way takes half a megabyte at a time.
    const into = Buffer.allocUnsafeSlow(sizeBytes);
    return into.subarray(0, await readFully(handle, into, sizeBytes, 0));
  } finally {
    await handle.close();
  }
}

async function openOwn(disk: Disk, folder: string, path: string): Promise<KeptFile> {
  await takeOwn(disk, folder, lstatSync(folder));
  const small = readSmall(path);
  // A small one holds no descriptor, of which a process has few.
  if (small !== null) return keptBytes(small);
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = fstatSync(file);
  if (found.isFile()) return keptFile(file, found.size);
  closeSync(file);
  throw notRegular(path, OUT_OF_THE_WAY);
}

async function makeOwn(disk: Disk, folder: string): Promise<void> {
  await disk.mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  await judgeOwner(disk, folder);
}

async function judgeOwner(disk: Disk, folder: string): Promise<void> {
  await takeOwn(disk, folder, await disk.lstat(folder));
}

/** Holds that a folder is the user's own, and closes it to all others. */
async function takeOwn(disk: Disk, folder: string, found: Stats): Promise<void> {
  // Windows has no owner to compare; its folders inherit the user's access list.
  const own = process.getuid?.();
  if (!found.isDirectory()) throw notOurs(folder, "is no folder");
  if (own === undefined) return;
  if (found.uid !== own) throw notOurs(folder, "belongs to another user");
  if ((found.mode & OTHERS_MAY_WRITE) !== 0) throw notOurs(folder, "can be written by other users");
  if ((found.mode & 0o077) !== 0) await disk.chmod(folder, FOLDER_MODE);
}

function notOurs(folder: string, why: string): ToolError {
  return new ToolError("file.not_permitted", `${printable(folder)} ${why}`, {
    data: { path: printable(folder) },
    hints: [`Run: chmod 700 ${printable(folder)}, or name another folder`],
  });
}

async function absentIsNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return null;
    throw cause;
  }
}
