import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { decodeCommit } from "./commit.ts";
import { atMost, COMMIT_BYTES, limitExceeded, type Limits, treeBytes } from "./limits.ts";
import type { LruCache } from "../../kernel/lru-cache.ts";
import { type ReadAll, unanswered } from "./raw-objects.ts";
import type { Algorithm } from "./objects.ts";
import { decodeTree, EMPTY_TREE, ownTree, type Tree } from "./tree.ts";

/** Bytes of trees that are read together; who changes more is looked through by itself. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A tree that pairs name. */
interface Slot {
  readonly oid: Oid;
  tree: Tree | undefined;
  content: Uint8Array | undefined;
  /** True where a later tree of the same folder is among them. */
  isReplaced: boolean;
}

/**
 * Both trees of many pairs, the second read with the first at hand, with one question for all; null stands for the empty tree. Of each
 * folder the latest tree is kept, since a history does not come back to what was replaced: in as much memory these are those of a hundred
 * times as many commits.
 */
export async function treesTogether(
  on: {
    readonly algorithm: Algorithm;
    readonly limits: Limits;
    readonly latest: LruCache<Oid, Tree>;
    readonly readAll: ReadAll;
  },
  pairs: readonly (readonly [Oid | null, Oid | null])[],
): Promise<readonly (readonly [Tree, Tree])[]> {
  const { algorithm, limits, latest, readAll } = on;
  const slots = new Map<Oid, Slot>();
  const wanted: Slot[] = [];
  const slotOf = (oid: Oid | null, mayBeKept: boolean): Slot | null => {
    if (oid === null) return null;
    const known = slots.get(oid);
    if (known !== undefined) return known;
    const tree = mayBeKept ? latest.get(oid) : undefined;
    const slot: Slot = { oid, tree, content: undefined, isReplaced: false };
    slots.set(oid, slot);
    if (slot.tree === undefined) wanted.push(slot);
    return slot;
  };
  // What comes after the latest tree is new.
  const named = pairs.map(([before, after]) => [slotOf(before, true), slotOf(after, false)] as const);
  let bytes = 0;
  const accept = (sizeBytes: number) => {
    bytes += sizeBytes;
    if (sizeBytes > treeBytes(limits) || bytes > MOST_BYTES) throw limitExceeded("Trees", "bytes", MOST_BYTES);
  };
  const oids = wanted.map(({ oid }) => oid);
  const contents = await readAll(oids, "tree", accept);
  for (const [i, slot] of wanted.entries()) slot.content = contents[i] ?? unanswered();
  const treeAt = (slot: Slot | null, like?: Tree): Tree => {
    if (slot === null) return EMPTY_TREE;
    slot.tree ??= decodeTree(slot.oid, slot.content ?? unanswered(), algorithm, limits.entries, like);
    return slot.tree;
  };
  const read = named.map(([before, after]) => {
    const like = treeAt(before);
    if (before !== null) before.isReplaced = true;
    return [like, treeAt(after, like)] as const;
  });
  for (const { oid, tree, content, isReplaced } of slots.values())
    if (content === undefined && isReplaced) latest.delete(oid);
    else if (tree !== undefined && content !== undefined && !isReplaced) latest.set(oid, ownTree(tree));
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
