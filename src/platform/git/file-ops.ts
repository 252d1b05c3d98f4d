import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { access } from "node:fs/promises";
import { promisify } from "node:util";
import { errnoOf } from "../file-errors.ts";

/** A file that was just written, and that a crash of the machine may still lose. */
export interface NewFile {
  /** Waits until the disk has it. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The few calls by which objects reach the disk; a test fails each of them before or after it happened. */
export interface FileOps {
  /** Says that a file is still wanted, so that gc keeps it; false where there is none. */
  touch(path: string): Promise<boolean>;
  /** Creates a file that is not there and writes it whole. */
  create(path: string, content: Uint8Array, mode: number): Promise<NewFile>;
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

const syncFile = promisify(fsync);

/**
 * The disk itself. A call takes microseconds, and handing it to a thread ten times as long (measured: an operation makes about a hundred);
 * only what waits for the disk goes to a thread.
 */
export const diskOps: FileOps = {
  async touch(path) {
    // Mostly there is none, and a look is cheaper than an error.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return false;
    try {
      const now = new Date();
      utimesSync(path, now, now);
      return true;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return false;
      // Another user's object in a shared repository cannot be touched, but it is there.
      if (errnoOf(error) === "EPERM") return true;
      throw error;
    }
  },
  async create(path, content, mode) {
    const file = openSync(path, "wx", mode);
    try {
      writeFileSync(file, content);
      fchmodSync(file, mode);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    return { sync: () => syncFile(file), close: async () => closeSync(file) };
  },
  async rename(from, to) {
    renameSync(from, to);
  },
  async makeFolder(path, mode) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
  },
  async remove(path) {
    rmSync(path, { force: true });
  },
  async modeOf(path) {
    return statSync(path).mode & 0o7777;
  },
};
