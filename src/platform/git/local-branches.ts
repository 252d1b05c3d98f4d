import { join } from "node:path";
import { freeDeadLock } from "./dead-locks.ts";
import { isThere } from "./file-ops.ts";
import type { Git } from "./git-process.ts";
import { listRefs, readRef } from "./ref-files.ts";
import type { RefUpdater } from "./ref-updater.ts";
import type { Repository } from "./repository.ts";
import { isCutShort } from "./shallow.ts";
import type { Branches } from "./store-parts.ts";

/** Namespace of branches in a repository that is used directly. */
const HEADS = "refs/heads/";

/** Branches of a repository on disk, moved in place. */
export function localBranches(git: Git, repository: Repository, refs: RefUpdater, prefix: string): Branches {
  return {
    tip: (branch) => readRef(repository, HEADS + branch),
    async list(below) {
      const found = await listRefs(git, repository, HEADS + below);
      return new Map([...found].map(([name, tip]) => [below + name, tip]));
    },
    freshen: () => Promise.resolve(),
    landed: () => undefined,
    refresh: () => Promise.resolve(),
    async swap(branch, from, to) {
      const swap = await refs.swap(HEADS + branch, from, to);
      if (swap === "lost")
        await freeDeadLock(repository.commonDir, join(repository.commonDir, `${HEADS}${branch}.lock`));
      return swap;
    },
    queue: null,
    lockHint: (branch) => lockHint(join(repository.commonDir, `${HEADS}${branch}.lock`)),
    close: () => refs.close(),
    isShallow: () => isCutShort(git, repository, HEADS + prefix),
  };
}

/** A lock file that stays is what a killed git leaves. */
async function lockHint(path: string): Promise<readonly string[]> {
  return (await isThere(path)) ? [`If no git process runs in the repository, remove ${path}`] : [];
}
