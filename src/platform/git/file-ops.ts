import { access, chmod, mkdir, open, rename, rm, stat, utimes } from "node:fs/promises";
import { errnoOf } from "../file-errors.ts";

/** The few calls by which objects reach the disk; a test fails each of them before or after it happened. */
export interface FileOps {
  /** Says that a file is still wanted, so that gc keeps it; false where there is none. */
  touch(path: string): Promise<boolean>;
  /** Creates a file that is not there, writes it whole and waits until the disk has it. */
  create(path: string, content: Uint8Array, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  makeFolder(path: string, mode: number): Promise<void>;
  remove(path: string): Promise<void>;
  /** Permission bits of a folder. */
  modeOf(path: string): Promise<number>;
}

/** Tells whether there is something at a path. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** The disk itself. */
export const diskOps: FileOps = {
  async touch(path) {
    try {
      const now = new Date();
      await utimes(path, now, now);
      return true;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return false;
      // Another user's object in a shared repository cannot be touched, but it is there.
      if (errnoOf(error) === "EPERM") return true;
      throw error;
    }
  },
  async create(path, content, mode) {
    const file = await open(path, "wx", mode);
    try {
      await file.writeFile(content);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename: (from, to) => rename(from, to),
  async makeFolder(path, mode) {
    await mkdir(path, { recursive: true });
    await chmod(path, mode);
  },
  remove: (path) => rm(path, { force: true }),
  modeOf: async (path) => (await stat(path)).mode & 0o7777,
};
