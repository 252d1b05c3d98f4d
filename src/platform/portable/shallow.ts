import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import type { ObjectDatabase } from "../git/object-database.ts";
import type { Repository } from "../git/repository.ts";
import { refsBelow } from "./refs.ts";

/**
 * Tells whether the history of a branch below a prefix is cut short: whether one of them leads to a commit at which the clone was cut.
 * What cannot be followed counts as cut.
 */
export async function isCutShort(objects: ObjectDatabase, repository: Repository, prefix: string): Promise<boolean> {
  const cuts = await cutsOf(repository);
  if (cuts.size === 0) return false;
  const ways: Oid[] = [...(await refsBelow(repository, prefix)).values()];
  const seen = new Set<Oid>();
  for (let at = ways.pop(); at !== undefined; at = ways.pop()) {
    if (seen.has(at)) continue;
    if (cuts.has(at)) return true;
    seen.add(at);
    const commit = await objects.commit(at).catch(() => null);
    if (commit === null) return true;
    ways.push(...commit.parents);
  }
  return false;
}

/** No file: nothing is cut. A file that cannot be read says nothing, and must not pass for whole history. */
async function cutsOf({ commonDir }: Repository): Promise<ReadonlySet<string>> {
  const path = join(commonDir, "shallow");
  try {
    return new Set((await readFile(path, "latin1")).split("\n").filter(isOid));
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return new Set();
    throw fileError(cause, path);
  }
}
