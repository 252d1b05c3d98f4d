import { join } from "node:path";
import type { createMemoryRepository } from "../../src/platform/memory/git-store.ts";
import { git, makeFolder } from "./git-repo.ts";

/** A bare repository on disk, and a clone of it in which a person works with plain git. */
export interface RealRepository {
  readonly folder: string;
  readonly bare: string;
  readonly clone: string;
  /** Runs git in the clone, on a branch that was checked out fresh. */
  onBranch(branch: string, work: (run: (...args: readonly string[]) => string) => void): void;
  remove(): void;
}

/** Puts a repository in memory on disk, object for object. */
export function onDisk(memory: ReturnType<typeof createMemoryRepository>): RealRepository {
  const made = makeFolder();
  const folder = made.path;
  const [bare, clone] = [join(folder, "repo.git"), join(folder, "clone")];
  git(folder, ["init", "-q", "--bare", bare]);
  for (const { kind, content } of memory.objects.values())
    git(bare, ["hash-object", "-t", kind, "-w", "--stdin", "--literally"], content);
  for (const [branch, tip] of memory.branches) git(bare, ["update-ref", `refs/heads/${branch}`, tip]);
  git(folder, ["clone", "-q", "--no-checkout", bare, clone]);
  return {
    folder,
    bare,
    clone,
    onBranch(branch, work) {
      git(clone, ["fetch", "-q", "origin"]);
      git(clone, ["checkout", "-q", "-B", "work", `origin/${branch}`]);
      work((...args) => git(clone, args));
      git(clone, ["push", "-q", "--force", "origin", `HEAD:${branch}`]);
    },
    remove: () => made.remove(),
  };
}
