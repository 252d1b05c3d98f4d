import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { decodeCommit } from "./commit.ts";
import { atMost, COMMIT_BYTES, type Limits, treeBytes } from "./limits.ts";
import { LruCache } from "../../kernel/lru-cache.ts";
import type { Algorithm, GitObject } from "./objects.ts";
import { type RawObjects, type ReadAll, readAllOf, type Stretch } from "./raw-objects.ts";
import { commitsTogether, treesTogether } from "./read-together.ts";
import { decodeTree, type Tree } from "./tree.ts";

/** Raw objects with bounds, decoded, and with the trees and commits that were read last kept by id. */
export interface ObjectDatabase {
  readonly algorithm: Algorithm;
  readonly limits: Limits;
  /** `like` is a tree that most of it stands in too, which makes it cheaper to read. */
  tree(oid: Oid, like?: Promise<Tree>): Promise<Tree>;
  /**
   * Both trees of many pairs, the second read with the first at hand; null stands for the empty tree. Made for who walks a history from
   * its oldest commit: of each folder the tree that came last is kept.
   */
  treePairs(pairs: readonly (readonly [Oid | null, Oid | null])[]): Promise<readonly (readonly [Tree, Tree])[]>;
  commit(oid: Oid): Promise<Commit>;
  /** Several commits, kept as one that is read by itself is. */
  commitsAt(oids: readonly Oid[]): Promise<readonly Commit[]>;
  /** Commits that probably are the first parents of a stretch, newest first; ends early at one that cannot be had. */
  firstParents(stretch: Stretch): AsyncIterable<Commit>;
  blob(oid: Oid, accept: (sizeBytes: number) => void): Promise<Uint8Array>;
  readonly readAll: ReadAll;
  readonly readMany: RawObjects["readMany"];
  write(objects: readonly GitObject[]): Promise<void>;
  /** Stores a commit with the objects that it needs, and answers the id that it got. */
  writeCommit(objects: readonly GitObject[], commit: GitObject): Promise<Oid>;
  /** Keeps a tree that was just made, since the next operation starts from it. */
  keep(oid: Oid, tree: Tree): void;
}

const TREE_CACHE_BYTES = 4 * 1024 * 1024;
const COMMIT_CACHE = 512;

const treeCache = () => new LruCache<Oid, Tree>(TREE_CACHE_BYTES, ({ content }) => content.length + 200);

/** Puts bounds, decoding and a cache in front of raw objects. */
export function objectDatabase(raw: RawObjects, limits: Limits): ObjectDatabase {
  const trees = treeCache();
  // Of each folder that pairs named.
  const latest = treeCache();
  const commits = new LruCache<Oid, Commit>(COMMIT_CACHE, () => 1);
  // One question for a tree that several ask for at the same time.
  const asked = new Map<Oid, Promise<Tree>>();
  const readAll = readAllOf(raw);
  const readTree = async (oid: Oid, like: Promise<Tree> | undefined): Promise<Tree> => {
    try {
      const content = await raw.read(oid, "tree", atMost(`Tree ${oid}`, treeBytes(limits)));
      // One that cannot be read only makes this one dearer.
      const known = await like?.catch(() => undefined);
      const tree = decodeTree(oid, content, raw.algorithm, limits.entries, known);
      trees.set(oid, tree);
      return tree;
    } finally {
      asked.delete(oid);
    }
  };
  return {
    algorithm: raw.algorithm,
    limits,
    tree(oid, like) {
      const known = trees.get(oid);
      if (known !== undefined) return Promise.resolve(known);
      const reading = asked.get(oid) ?? readTree(oid, like);
      asked.set(oid, reading);
      return reading;
    },
    treePairs: (pairs) => treesTogether({ algorithm: raw.algorithm, limits, latest, readAll }, pairs),
    commitsAt: (oids) => commitsTogether({ commits, readAll }, oids),
    async commit(oid) {
      const known = commits.get(oid);
      if (known !== undefined) return known;
      const commit = decodeCommit(oid, await raw.read(oid, "commit", atMost(`Commit ${oid}`, COMMIT_BYTES)));
      commits.set(oid, commit);
      return commit;
    },
    async *firstParents(stretch) {
      const coming = raw.firstParents?.(stretch, { kind: "commit", maxBytes: COMMIT_BYTES }) ?? [];
      for await (const some of coming) for (const { oid, bytes } of some) yield decodeCommit(oid, bytes);
    },
    blob: (oid, accept) => raw.read(oid, "blob", accept),
    readAll,
    readMany: raw.readMany?.bind(raw),
    write: (objects) => raw.write(objects),
    async writeCommit(objects, commit) {
      if (raw.writeCommit !== undefined) {
        await raw.write(objects);
        return raw.writeCommit(commit);
      }
      await raw.write([...objects, commit]);
      // The next operation starts from it.
      commits.set(commit.oid, decodeCommit(commit.oid, commit.content));
      return commit.oid;
    },
    keep: (oid, tree) => trees.set(oid, tree),
  };
}
