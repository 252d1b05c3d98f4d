import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { errnoOf, fileError } from "../file-errors.ts";
import type { FileOps } from "./file-ops.ts";
import { type GitObject, objectHeader } from "./objects.ts";

/** Objects that are written at the same time; their syncs overlap. */
const PARALLEL = 16;

/**
 * Writes objects as git does: a synced temporary file in the folder of the object, then renamed. One that is there already is
 * only touched. A crash leaves whole objects that nothing refers to, and `tmp_obj_*` files, which git gc prunes both.
 * Throws `file.no_space`, `file.read_only`, `file.not_permitted`.
 */
export async function writeLoose(ops: FileOps, folder: string, objects: readonly GitObject[]): Promise<void> {
  const queue = objects.values();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const object of queue) {
      if (failures.length > 0) return;
      try {
        await writeOne(ops, folder, object);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, objects.length) }, work));
  if (failures.length > 0) throw fileError(failures[0], folder);
}

async function writeOne(ops: FileOps, folder: string, object: GitObject): Promise<void> {
  const path = loosePath(folder, object.oid);
  if (await ops.touch(path)) return;
  const content = deflateSync(Buffer.concat([objectHeader(object.kind, object.content.length), object.content]), {
    level: 1,
  });
  const temporary = join(path, "..", `tmp_obj_${randomBytes(9).toString("base64url")}`);
  try {
    await createIn(ops, folder, temporary, content);
    await ops.rename(temporary, path);
  } catch (error) {
    await ops.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Creates the file; the fan-out folder is made where it is missing, with the permissions of the objects folder, which a shared repository sets. */
async function createIn(ops: FileOps, folder: string, temporary: string, content: Uint8Array): Promise<void> {
  const mode = await ops.modeOf(folder);
  try {
    await ops.create(temporary, content, mode & 0o444);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    await ops.makeFolder(join(temporary, ".."), mode);
    await ops.create(temporary, content, mode & 0o444);
  }
}

/** Path of a loose object. */
export function loosePath(folder: string, oid: string): string {
  return join(folder, oid.slice(0, 2), oid.slice(2));
}
