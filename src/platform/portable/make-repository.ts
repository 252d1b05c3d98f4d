import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { fileError } from "../file-errors.ts";
import { isThere } from "../git/file-ops.ts";
import { makeFolders } from "../make-folders.ts";

/**
 * Makes a bare repository whose HEAD names a branch of ours, as git does. Pushed objects that are malformed are refused: one on a branch
 * would stop every reader. Throws `file.not_permitted`.
 */
export async function makeBare(path: string, head: string): Promise<void> {
  try {
    await makeFolders(path);
    await fillBare(path, head, "[receive]\n\tfsckObjects = true\n");
  } catch (cause) {
    throw new ToolError("file.not_permitted", `No repository can be made at ${printable(path)}`, {
      data: { path },
      hints: ["Name a new or empty folder that you may write to"],
      cause,
    });
  }
}

/** Makes the mirror of a remote where there is none. Made aside and renamed, so that two users of one cache meet. */
export async function makeMirror(path: string): Promise<void> {
  if (await isThere(path)) return;
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await makeFolders(join(path, ".."), 0o700);
    await makeFolders(temporary, 0o700);
    await fillBare(temporary, "waybill/state", "");
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    if (await isThere(path)) return;
    throw fileError(cause, path);
  }
}

/** HEAD comes last: without it a folder is no repository. */
async function fillBare(path: string, head: string, more: string): Promise<void> {
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags"])
    await makeFolders(join(path, folder));
  const core = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";
  await writeFile(join(path, "config"), core + more);
  await writeFile(join(path, "HEAD"), `ref: refs/heads/${head}\n`);
}
