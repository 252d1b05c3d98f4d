import { join } from "node:path";
import { isThere } from "../git/file-ops.ts";
import type { ObjectDatabase } from "../git/object-database.ts";
import { readRef } from "../git/ref-files.ts";
import type { Branches } from "../git/store-parts.ts";
import { swapRef } from "./ref-swap.ts";
import { refsBelow } from "./refs.ts";
import type { PortableRepository } from "./repository.ts";
import { isCutShort } from "./shallow.ts";

const HEADS = "refs/heads/";

/** Branches of a repository on disk, moved in place under git's own locks. */
export function portableBranches(repository: PortableRepository, objects: ObjectDatabase, prefix: string): Branches {
  return {
    tip: (branch) => readRef(repository, HEADS + branch),
    list: async (below) => namesOf(await refsBelow(repository, HEADS + below), HEADS),
    freshen: () => Promise.resolve(),
    landed: () => undefined,
    refresh: () => Promise.resolve(),
    swap: (branch, from, to) => swapRef(repository, HEADS + branch, from, to),
    queue: null,
    lockHint: (branch) => lockHint(repository, HEADS + branch),
    close: () => Promise.resolve(),
    isShallow: () => isCutShort(objects, repository, HEADS + prefix),
  };
}

/** Branches by their names without the namespace in which they lie. */
export function namesOf<T>(refs: ReadonlyMap<string, T>, namespace: string): ReadonlyMap<string, T> {
  return new Map([...refs].map(([ref, tip]) => [ref.slice(namespace.length), tip]));
}

/** A lock file that stays is what a killed process leaves. */
async function lockHint({ commonDir }: PortableRepository, ref: string): Promise<readonly string[]> {
  const paths = [join(commonDir, `${ref}.lock`), join(commonDir, "packed-refs.lock")];
  const left = await Promise.all(paths.map(async (path) => ((await isThere(path)) ? [path] : [])));
  return left.flat().map((path) => `If no git and no Waybill runs in the repository, remove ${path}`);
}
