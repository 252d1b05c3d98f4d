import type { Oid } from "../../kernel/oid.ts";
import type { Change, Tree } from "../../ports/git-store.ts";
import { byCodePoint } from "../../kernel/text.ts";
import { encodeCommit } from "./commit.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { type GitObject, gitObject } from "./objects.ts";
import { locate } from "./read.ts";
import { splice } from "./splice.ts";

/** Paths of a read set that do not hold any more at a commit; null stands for the empty tree. */
export async function movedReads(objects: ObjectDatabase, at: Oid | null, reads: Tree): Promise<readonly string[]> {
  const tree = at === null ? null : (await objects.commit(at)).tree;
  const compared = await Promise.all(
    [...reads].map(async ([path, oid]) => {
      const found = tree === null ? null : await locate(objects, tree, path);
      return { path, holds: (found?.oid ?? null) === oid };
    }),
  );
  return compared
    .filter(({ holds }) => !holds)
    .map(({ path }) => path)
    .toSorted(byCodePoint);
}

/** Makes the commit of a change on a parent, and every object that the parent does not have; nothing is stored yet. */
export async function buildCommit(
  objects: ObjectDatabase,
  parent: Oid | null,
  change: Change,
): Promise<{ readonly commit: GitObject; readonly objects: readonly GitObject[] }> {
  const first = parent === null ? null : await objects.commit(parent);
  const spliced = await splice(objects, first?.tree ?? null, change.writes);
  const parents = [parent, change.merge ?? null].filter((oid) => oid !== null);
  const content = encodeCommit({ tree: spliced.tree, parents, first, act: change.act, message: change.message });
  return { commit: gitObject(objects.algorithm, "commit", content), objects: spliced.objects };
}
