import { join } from "node:path";
import { errnoOf } from "../file-errors.ts";
import type { FileOps, NewFile } from "./file-ops.ts";

/** A file that is to have its name only once the disk has it whole. */
export interface Draft {
  readonly path: string;
  /** Path that it is written to, in the same folder. */
  readonly temporary: string;
  readonly content: Uint8Array;
}

/**
 * Writes files: all of them beside their places, then waits for the disk once for all, then renames them in order. A crash leaves
 * temporary files, or the first ones in place. `folderMode` is what a folder gets that is missing, and bounds who may read the files.
 */
export async function writeFiles(ops: FileOps, folderMode: number, drafts: AsyncIterable<Draft>): Promise<void> {
  const made: (Draft & { readonly file: NewFile })[] = [];
  let renamed = 0;
  try {
    try {
      for await (const draft of drafts) made.push({ ...draft, file: await createWhole(ops, folderMode, draft) });
      await syncAll(made.map(({ file }) => file));
    } finally {
      for (const { file } of made) await file.close();
    }
    for (const { temporary, path } of made) {
      await ops.rename(temporary, path);
      renamed += 1;
    }
  } catch (error) {
    for (const { temporary } of made.slice(renamed)) await ops.remove(temporary).catch(() => {});
    throw error;
  }
}

async function createWhole(ops: FileOps, folderMode: number, { temporary, content }: Draft): Promise<NewFile> {
  const create = () => ops.create(temporary, content, folderMode & 0o444);
  try {
    return await create().catch(async (error: unknown) => {
      if (errnoOf(error) !== "ENOENT") throw error;
      await ops.makeFolder(join(temporary, ".."), folderMode);
      return create();
    });
  } catch (error) {
    await ops.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Waits for the disk until every file has its answer: none is closed under a wait. */
async function syncAll(files: readonly NewFile[]): Promise<void> {
  for (const wait of await Promise.allSettled(files.map((file) => file.sync())))
    if (wait.status === "rejected") throw wait.reason;
}
