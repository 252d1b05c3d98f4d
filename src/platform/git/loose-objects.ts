import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileError } from "../file-errors.ts";
import { deflated } from "./deflate.ts";
import type { FileOps } from "./file-ops.ts";
import { type GitObject, objectHeader } from "./objects.ts";
import { type Draft, writeFiles } from "./write-files.ts";

/** Objects that are written before the disk is waited for: one wait then serves all of them. */
const TOGETHER = 64;

/**
 * Writes objects as git does: a synced temporary file in the folder of the object, then renamed. One that is there already is
 * only touched. A crash leaves whole objects that nothing refers to, and `tmp_obj_*` files, which git gc prunes both.
 * Throws `file.no_space`, `file.read_only`, `file.not_permitted`.
 */
export async function writeLoose(ops: FileOps, folder: string, objects: readonly GitObject[]): Promise<void> {
  try {
    // The fan-out folders of a shared repository are as open as the one above them.
    const mode = await ops.modeOf(folder);
    for (let start = 0; start < objects.length; start += TOGETHER)
      await writeFiles(ops, mode, absent(ops, folder, objects.slice(start, start + TOGETHER)));
  } catch (error) {
    throw fileError(error, folder);
  }
}

async function* absent(ops: FileOps, folder: string, objects: readonly GitObject[]): AsyncGenerator<Draft> {
  const nonce = randomBytes(9).toString("base64url");
  for (const [i, { oid, kind, content }] of objects.entries()) {
    const path = loosePath(folder, oid);
    if (await ops.touch(path)) continue;
    const temporary = join(path, "..", `tmp_obj_${nonce}${i}`);
    yield { path, temporary, content: deflated([objectHeader(kind, content.length), content]) };
  }
}

/** Path of a loose object. */
export function loosePath(folder: string, oid: string): string {
  return join(folder, oid.slice(0, 2), oid.slice(2));
}
