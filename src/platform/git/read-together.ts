import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { decodeCommit } from "./commit.ts";
import { atMost, COMMIT_BYTES, type Limits, treeBytes } from "./limits.ts";
import type { LruCache } from "../../kernel/lru-cache.ts";
import { type ReadAll, unanswered } from "./raw-objects.ts";
import type { Algorithm } from "./objects.ts";
import { decodeTree, EMPTY_TREE, type Tree } from "./tree.ts";

/**
 * Which trees are kept: those that were used last, or of each folder the latest, for who walks a history from its oldest commit and does
 * not come back to what was replaced. In as much memory these are those of a hundred times as many commits.
 */
export type Keep = "used" | "latest";

/** Both trees of many pairs, the second read with the first at hand, with one question for all; null stands for the empty tree. */
export async function treesTogether(
  on: {
    readonly algorithm: Algorithm;
    readonly limits: Limits;
    readonly trees: LruCache<Oid, Tree>;
    readonly readAll: ReadAll;
    readonly keep: Keep;
  },
  pairs: readonly (readonly [Oid | null, Oid | null])[],
): Promise<readonly (readonly [Tree, Tree])[]> {
  const { algorithm, limits, trees, readAll, keep } = on;
  const found = new Map<Oid, Tree>();
  const wanted = new Set<Oid>();
  for (const oid of pairs.flat()) {
    if (oid === null || found.has(oid) || wanted.has(oid)) continue;
    const known = trees.get(oid);
    if (known === undefined) wanted.add(oid);
    else found.set(oid, known);
  }
  const contents = await readTogether(readAll, [...wanted], "tree", atMost("A tree", treeBytes(limits)));
  const treeAt = (oid: Oid | null, like?: Tree): Tree => {
    const known = oid === null ? EMPTY_TREE : found.get(oid);
    const content = oid === null ? undefined : contents.get(oid);
    if (known !== undefined || content === undefined || oid === null) return known ?? EMPTY_TREE;
    const tree = decodeTree(oid, content, algorithm, limits.entries, like);
    found.set(oid, tree);
    trees.set(oid, tree);
    return tree;
  };
  const read = pairs.map(([before, after]) => {
    const like = treeAt(before);
    return [like, treeAt(after, like)] as const;
  });
  if (keep === "latest") for (const [before] of pairs) if (before !== null) trees.delete(before);
  return read;
}

/** Several commits, in order, with one question for those that are not known. */
export async function commitsTogether(
  { commits, readAll }: { readonly commits: LruCache<Oid, Commit>; readonly readAll: ReadAll },
  oids: readonly Oid[],
): Promise<readonly Commit[]> {
  const found = new Map(oids.map((oid) => [oid, commits.get(oid)]));
  const wanted = [...found].flatMap(([oid, known]) => (known === undefined ? [oid] : []));
  for (const [oid, content] of await readTogether(readAll, wanted, "commit", atMost("A commit", COMMIT_BYTES))) {
    const commit = decodeCommit(oid, content);
    found.set(oid, commit);
    commits.set(oid, commit);
  }
  return oids.flatMap((oid) => found.get(oid) ?? []);
}

/** Contents by id. A driver that answers fewer than it was asked for has a bug. */
async function readTogether(
  readAll: ReadAll,
  oids: readonly Oid[],
  kind: "tree" | "commit",
  accept: (sizeBytes: number) => void,
): Promise<ReadonlyMap<Oid, Uint8Array>> {
  const contents = await readAll(oids, kind, accept);
  return new Map(oids.map((oid, i) => [oid, contents[i] ?? unanswered()]));
}
