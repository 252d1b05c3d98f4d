import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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

/** The disk itself. Everybody who waits looks many times a second, and a look takes a tenth of handing it to a thread. */
export const queueDisk: QueueDisk = {
  async makeOwn(path) {
    if (isOwn(path)) return;
    await makeFolders(path, 0o700);
    await judgeHome(path);
  },
  async makeFolder(path) {
    mkdirSync(path, { mode: 0o700 });
  },
  async names(path) {
    return readdirSync(path);
  },
  async read(path, maxBytes) {
    return orGone(null, () => {
      // Waits for no pipe.
      const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const found = fstatSync(file);
        return found.isFile() && found.size <= maxBytes ? readFileSync(file) : null;
      } finally {
        closeSync(file);
      }
    });
  },
  async create(path, content) {
    writeFileSync(path, content, { flag: "wx", mode: 0o600 });
  },
  async rename(from, to) {
    return orGone(false, () => {
      renameSync(from, to);
      return true;
    });
  },
  async remove(path) {
    try {
      unlinkSync(path);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
      rmSync(path, { recursive: true, force: true });
    }
  },
  async beat(path, seconds) {
    return orGone(false, () => {
      utimesSync(path, seconds, seconds);
      return true;
    });
  },
  async beatOf(path) {
    return orGone(null, () => statSync(path).mtimeMs / 1000);
  },
};

/** False where it is not there, or more has to be said of it. */
function isOwn(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const own = process.getuid?.();
  return found?.isDirectory() === true && (own === undefined || (found.uid === own && (found.mode & 0o077) === 0));
}

function orGone<T, G>(gone: G, work: () => T): T | G {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return gone;
    throw error;
  }
}
