import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, unlink, utimes } from "node:fs/promises";
import { errnoOf } from "../../file-errors.ts";
import { makeFolders } from "../../make-folders.ts";
import { judgeHome } from "../../node-folder.ts";

/** The few calls by which a queue reaches the disk; a test fails each of them before or after it happened. */
export interface QueueDisk {
  /** Makes a folder that is the user's own, or holds that it is. Throws `file.not_permitted`. */
  makeOwn(path: string): Promise<void>;
  /** Makes one folder that is not there. */
  makeFolder(path: string): Promise<void>;
  names(path: string): Promise<readonly string[]>;
  /** A whole file of at most so many bytes; null where it is longer, or no file: a pipe, a device or a folder. */
  read(path: string, maxBytes: number): Promise<Uint8Array | null>;
  /** Creates a file that is not there. A crash of the machine may lose it: nothing in a queue outlives the processes in it. */
  create(path: string, content: Uint8Array): Promise<void>;
  /** False where there is nothing to rename. */
  rename(from: string, to: string): Promise<boolean>;
  /** Removes a file or a folder, if it is there. */
  remove(path: string): Promise<void>;
  /** Writes a count of seconds into the times of a file; false where it is not there. */
  beat(path: string, seconds: number): Promise<boolean>;
  /** The count of seconds that was written last; null where the file is not there. */
  beatOf(path: string): Promise<number | null>;
}

/** The disk itself. */
export const queueDisk: QueueDisk = {
  async makeOwn(path) {
    await makeFolders(path, 0o700);
    await judgeHome(path);
  },
  makeFolder: (path) => mkdir(path, { mode: 0o700 }),
  names: (path) => readdir(path),
  read: (path, maxBytes) =>
    orGone(null, async () => {
      // Waits for no pipe.
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const found = await file.stat();
        return found.isFile() && found.size <= maxBytes ? await file.readFile() : null;
      } finally {
        await file.close();
      }
    }),
  async create(path, content) {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  },
  rename: (from, to) =>
    orGone(false, async () => {
      await rename(from, to);
      return true;
    }),
  async remove(path) {
    try {
      await unlink(path);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
      await rm(path, { recursive: true, force: true });
    }
  },
  beat: (path, seconds) =>
    orGone(false, async () => {
      await utimes(path, seconds, seconds);
      return true;
    }),
  beatOf: (path) => orGone(null, async () => (await stat(path)).mtimeMs / 1000),
};

async function orGone<T, G>(gone: G, work: () => Promise<T>): Promise<T | G> {
  try {
    return await work();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return gone;
    throw error;
  }
}
