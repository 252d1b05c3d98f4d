import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "./file-errors.ts";

/**
 * Makes a folder and those above it that are missing; answers the topmost one that it made, undefined where all were there. Node's own
 * recursive `mkdir` never ends where a file system takes no new names in a folder that exists, as `/proc` on Linux.
 */
export async function makeFolders(path: string, mode = 0o777): Promise<string | undefined> {
  try {
    return await makeOne(path, mode);
  } catch (cause) {
    if (errnoOf(cause) !== "ENOENT" || dirname(path) === path) throw cause;
  }
  const above = await makeFolders(dirname(path), mode);
  const own = await makeOne(path, mode);
  return above ?? own;
}

/** Makes one folder; undefined where it is there. */
async function makeOne(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (cause) {
    if (await isFolder(path)) return undefined;
    throw cause;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
