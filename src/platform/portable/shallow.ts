import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import type { ObjectDatabase } from "../git/object-database.ts";
import type { Repository } from "../git/repository.ts";
import { refsBelow } from "./refs.ts";

/**
 * Tells whether the history of a branch below a prefix is cut short: whether, in a clone that was cut anywhere, one of them leads to a
 * commit that is not there.
 */
export async function isCutShort(objects: ObjectDatabase, repository: Repository, prefix: string): Promise<boolean> {
  if (!(await isCut(repository))) return false;
  const ways: Oid[] = [...(await refsBelow(repository, prefix)).values()];
  const seen = new Set<Oid>();
  for (let at = ways.pop(); at !== undefined; at = ways.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const commit = await objects.commit(at).catch(() => null);
    if (commit === null) return true;
    ways.push(...commit.parents);
  }
  return false;
}

/** No file: nothing is cut. A file that cannot be read says nothing, and must not pass for whole history. */
async function isCut({ commonDir }: Repository): Promise<boolean> {
  const path = join(commonDir, "shallow");
  try {
    return (await readFile(path, "latin1")).split("\n").some(isOid);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return false;
    throw fileError(cause, path);
  }
}
