import type { Oid } from "../../kernel/oid.ts";
import { Turns } from "../../kernel/turns.ts";
import type { GitStore } from "../../ports/git-store.ts";
import { diffMany } from "./diff-many.ts";
import { diffTrees } from "./diff.ts";
import { firstParents } from "./log.ts";
import { branchName } from "./paths.ts";
import { readBlobs, readPaths } from "./read.ts";
import type { StoreParts } from "./store-parts.ts";
import { filesOf } from "./whole-tree.ts";

type Wanted = Parameters<GitStore["diff"]>[2];

/** Makes a git store of objects and branches; the drivers differ only in these two. */
export function gitStore(parts: StoreParts): GitStore {
  const { objects, branches } = parts;
  // Most commands only read.
  const writing = () => import("./apply.ts");
  const turns = new Turns();
  async function* differences(from: Oid, to: Oid, wanted: Wanted) {
    const { tree } = await objects.commit(to);
    yield* diffTrees(objects, (await objects.commit(from)).tree, tree, wanted);
  }
  return {
    location: parts.location,
    async head(branch, how) {
      await (how?.fresh === true ? branches.refresh() : branches.freshen(branch));
      return branches.tip(branchName(branch));
    },
    async branches(prefix) {
      await branches.freshen();
      return branches.list(`${branchName(prefix.replace(/\/$/, ""))}/`);
    },
    read: (at, paths) => readPaths(objects, at, paths),
    blobs: (oids) => readBlobs(objects, oids),
    diff(from, to, wanted) {
      // One generator less for each of a hundred thousand files.
      const root = async () => (await objects.commit(to)).tree;
      return from === null ? filesOf(objects, root, wanted) : differences(from, to, wanted);
    },
    async diffs(pairs) {
      const commits = await objects.commitsAt(pairs.flat().filter((oid) => oid !== null));
      const trees = new Map(commits.map(({ commit, tree }) => [commit, tree]));
      const treeOf = (oid: Oid) => trees.get(oid) ?? oid;
      return diffMany(
        objects,
        pairs.map(([from, to]) => [from === null ? null : treeOf(from), treeOf(to)]),
        turns,
      );
    },
    commit: (oid) => objects.commit(oid),
    log: (from, to) => firstParents(objects, from, to),
    isShallow: () => branches.isShallow(),
    apply: async (branch, change, deadline) =>
      (await writing()).applyChange(parts, branchName(branch), change, deadline),
    drop: async (branch, tip) => (await writing()).dropBranch(parts, branchName(branch), tip),
    replace: async (branch, files, act) => (await writing()).replaceBranch(parts, branchName(branch), files, act),
    close: () => parts.close(),
  };
}
