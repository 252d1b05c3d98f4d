import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import { readRef } from "../git/ref-files.ts";
import type { Repository } from "../git/repository.ts";

/** Folders below `refs` that are entered, one in the other. */
const MAX_DEPTH = 24;
const PACKED = /^([0-9a-f]{40}) (\S+)$/;

/** Text of `packed-refs`; empty where there is none. */
export async function packedRefs(commonDir: string): Promise<string> {
  const path = join(commonDir, "packed-refs");
  try {
    return await readFile(path, "latin1");
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return "";
    throw fileError(cause, path);
  }
}

/** Refs of `packed-refs` that begin with a prefix, with their tips. */
export function packedBelow(text: string, prefix: string): ReadonlyMap<string, Oid> {
  const found = new Map<string, Oid>();
  for (const line of text.split("\n")) {
    const [, tip, ref] = PACKED.exec(line) ?? [];
    if (tip !== undefined && ref !== undefined && isOid(tip) && ref.startsWith(prefix)) found.set(ref, tip);
  }
  return found;
}

/** Full names of the refs below a prefix that ends with `/`, packed or not, by code point; what has no tip is left out. */
export async function refsBelow(repository: Repository, prefix: string): Promise<ReadonlyMap<string, Oid>> {
  const loose = await namesBelow(repository.commonDir, prefix.slice(0, -1), MAX_DEPTH);
  const packed = packedBelow(await packedRefs(repository.commonDir), prefix);
  const names = [...new Set([...loose, ...packed.keys()])].toSorted(byCodePoint);
  const found = new Map<string, Oid>();
  for (const name of names) {
    const tip = await readRef(repository, name);
    if (tip !== null) found.set(name, tip);
  }
  return found;
}

/** Names of the files below a folder of refs; links, locks and what else no ref can be called are passed by. */
export async function namesBelow(commonDir: string, folder: string, depth: number): Promise<readonly string[]> {
  const path = join(commonDir, folder);
  try {
    if (!(await lstat(path)).isDirectory() || depth === 0) return [];
    const entries = await readdir(path, { withFileTypes: true });
    const named = entries.filter(({ name }) => !name.endsWith(".lock") && !name.startsWith("."));
    const below = await Promise.all(
      named.map(async (entry): Promise<readonly string[]> => {
        const name = `${folder}/${entry.name}`;
        if (entry.isDirectory()) return namesBelow(commonDir, name, depth - 1);
        return entry.isFile() ? [name] : [];
      }),
    );
    return below.flat();
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(cause))) return [];
    throw fileError(cause, path);
  }
}
