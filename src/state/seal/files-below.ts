import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { GitStore } from "../../ports/git-store.ts";

/** Paths that are asked for together. */
const CHUNK = 500;
/** Most files and folders below a folder that is sealed: no day has so many, and one tree can be made to hold any number. */
export const MAX_FILES_BELOW = 250_000;

/** A file with its bytes. */
export interface FileBelow {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Every file below a folder of a commit, a level of folders at a time. Throws `state.limit.exceeded` where one is beyond a bound. */
export async function filesBelow(store: GitStore, at: Oid, folder: string): Promise<readonly FileBelow[]> {
  const files: FileBelow[] = [];
  let seen = 0;
  for (let level: readonly string[] = [folder]; level.length > 0; ) {
    const below: string[] = [];
    seen += level.length;
    if (seen > MAX_FILES_BELOW) throw tooMany(folder);
    for (let start = 0; start < level.length; start += CHUNK) {
      const paths = level.slice(start, start + CHUNK);
      for (const [i, found] of (await store.read(at, paths)).entries()) {
        const path = paths[i] ?? "";
        if (found === null) continue;
        if ("bytes" in found) files.push({ path, bytes: found.bytes });
        else for (const name of found.names) below.push(`${path}/${name.replace(/\/$/, "")}`);
        if (below.length > MAX_FILES_BELOW) throw tooMany(folder);
      }
    }
    level = below;
  }
  return files;
}

function tooMany(folder: string): ToolError {
  return new ToolError("state.limit.exceeded", `${printable(folder)} holds more than ${MAX_FILES_BELOW} files`, {
    data: { what: printable(folder), limit: "files", bound: MAX_FILES_BELOW },
  });
}

/** Folders that a template with places matches at a commit, by path. */
export async function foldersAt(store: GitStore, at: Oid, template: string): Promise<readonly string[]> {
  let folders: readonly string[] = [""];
  for (const want of template.split("/")) {
    const isPlace = want.includes("{");
    const found = isPlace ? await store.read(at, folders) : [];
    folders = folders.flatMap((folder, i) => {
      const join = (name: string) => (folder === "" ? name : `${folder}/${name}`);
      if (!isPlace) return [join(want)];
      const entry = found[i];
      const names = entry && "names" in entry ? entry.names : [];
      return names.filter((name) => name.endsWith("/")).map((name) => join(name.slice(0, -1)));
    });
  }
  return folders;
}
