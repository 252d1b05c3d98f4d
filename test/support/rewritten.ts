import type { Oid } from "../../src/kernel/oid.ts";
import { gitObject } from "../../src/platform/git/objects.ts";
import { createMemoryGitStore, type createMemoryRepository } from "../../src/platform/memory/git-store.ts";
import type { GitStore } from "../../src/ports/git-store.ts";

/** Makes a history again with other words in the message of each commit, as `git filter-repo` does; answers its tip. Nothing points at it yet. */
export async function rewriteHistory(
  repository: ReturnType<typeof createMemoryRepository>,
  store: GitStore,
  tip: Oid,
  words = "erased",
): Promise<Oid> {
  const commits: Oid[] = [];
  for await (const { commit } of store.log(null, tip)) commits.unshift(commit);
  let parent: Oid | null = null;
  for (const oid of commits) {
    const text = Buffer.from(repository.objects.get(oid)!.content).toString("utf8");
    const made = text
      .replace(/^parent .*$/m, () => `parent ${parent}`)
      .replace(/\n\n.*/, (subject) => `${subject} ${words}`);
    const object = gitObject("sha1", "commit", Buffer.from(made));
    repository.objects.set(object.oid, object);
    parent = object.oid;
  }
  return parent!;
}

/** Removes the commits of an old history, as a fresh clone never had them; answers a store that has not read them either. */
export async function forget(
  repository: ReturnType<typeof createMemoryRepository>,
  store: GitStore,
  tip: Oid,
): Promise<GitStore> {
  const commits: Oid[] = [];
  for await (const { commit } of store.log(null, tip)) commits.push(commit);
  for (const commit of commits) repository.objects.delete(commit);
  return createMemoryGitStore({ repository, random: () => 0 });
}
