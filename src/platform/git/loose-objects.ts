import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { errnoOf, fileError } from "../file-errors.ts";
import { deflated } from "./deflate.ts";
import type { FileOps, NewFile } from "./file-ops.ts";
import { type GitObject, objectHeader } from "./objects.ts";

/** Objects that are written before the disk is waited for: one wait then serves all of them. */
const TOGETHER = 64;

/** An object in a temporary file. */
interface Draft {
  readonly file: NewFile;
  readonly temporary: string;
  readonly path: string;
}

/**
 * Writes objects as git does: a synced temporary file in the folder of the object, then renamed. One that is there already is
 * only touched. A crash leaves whole objects that nothing refers to, and `tmp_obj_*` files, which git gc prunes both.
 * Throws `file.no_space`, `file.read_only`, `file.not_permitted`.
 */
export async function writeLoose(ops: FileOps, folder: string, objects: readonly GitObject[]): Promise<void> {
  try {
    const mode = await ops.modeOf(folder);
    for (let start = 0; start < objects.length; start += TOGETHER)
      await writeTogether(ops, { path: folder, mode }, objects.slice(start, start + TOGETHER));
  } catch (error) {
    throw fileError(error, folder);
  }
}

interface ObjectsFolder {
  readonly path: string;
  readonly mode: number;
}

async function writeTogether(ops: FileOps, folder: ObjectsFolder, objects: readonly GitObject[]): Promise<void> {
  const drafts: Draft[] = [];
  let renamed = 0;
  try {
    try {
      for (const object of objects) {
        const path = loosePath(folder.path, object.oid);
        if (!(await ops.touch(path))) drafts.push(await draft(ops, folder, path, object));
      }
      await syncAll(drafts);
    } finally {
      for (const { file } of drafts) await file.close();
    }
    for (const { temporary, path } of drafts) {
      await ops.rename(temporary, path);
      renamed += 1;
    }
  } catch (error) {
    for (const { temporary } of drafts.slice(renamed)) await ops.remove(temporary).catch(() => {});
    throw error;
  }
}

async function draft(ops: FileOps, folder: ObjectsFolder, path: string, object: GitObject): Promise<Draft> {
  const content = deflated([objectHeader(object.kind, object.content.length), object.content]);
  const temporary = join(path, "..", `tmp_obj_${randomBytes(9).toString("base64url")}`);
  try {
    return { file: await createIn(ops, folder, temporary, content), temporary, path };
  } catch (error) {
    await ops.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Creates the file; the fan-out folder is made where it is missing, with the permissions of the objects folder, which a shared repository sets. */
async function createIn(
  ops: FileOps,
  { mode }: ObjectsFolder,
  temporary: string,
  content: Uint8Array,
): Promise<NewFile> {
  try {
    return await ops.create(temporary, content, mode & 0o444);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    await ops.makeFolder(join(temporary, ".."), mode);
    return ops.create(temporary, content, mode & 0o444);
  }
}

/** Waits for the disk until every file has its answer: none is closed under a wait. */
async function syncAll(drafts: readonly Draft[]): Promise<void> {
  for (const wait of await Promise.allSettled(drafts.map(({ file }) => file.sync())))
    if (wait.status === "rejected") throw wait.reason;
}

/** Path of a loose object. */
export function loosePath(folder: string, oid: string): string {
  return join(folder, oid.slice(0, 2), oid.slice(2));
}
