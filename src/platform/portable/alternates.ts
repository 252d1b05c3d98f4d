import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { errnoOf, fileError } from "../file-errors.ts";

/** Git follows so many steps from one repository to the next. Source: gitrepository-layout(5) and git's link_alt_odb_entries. */
const MAX_DEPTH = 5;
const MAX_PLACES = 64;

/**
 * Folders of objects that a repository borrows from, nearest first. Whatever lies there is compared with its id, so it can be absent but
 * not wrong.
 */
export async function alternatesOf(objectsFolder: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const follow = async (folder: string, depth: number): Promise<void> => {
    for (const place of await namedIn(folder)) {
      if (place === objectsFolder || found.has(place) || found.size === MAX_PLACES) continue;
      found.add(place);
      if (depth < MAX_DEPTH) await follow(place, depth + 1);
    }
  };
  await follow(objectsFolder, 1);
  return [...found];
}

async function namedIn(folder: string): Promise<readonly string[]> {
  const path = join(folder, "info", "alternates");
  try {
    const lines = (await readFile(path, "utf8")).split("\n");
    const named = lines.filter((line) => line !== "" && !line.startsWith("#"));
    return named.map((line) => (isAbsolute(line) ? join(line) : join(folder, line)));
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(cause))) return [];
    throw fileError(cause, path);
  }
}
