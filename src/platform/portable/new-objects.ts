import { msOf } from "../../kernel/time.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import type { ObjectDatabase } from "../git/object-database.ts";

const FOLDER = "40000";
const SUBMODULE = "160000";

/** Ids of what a server lacks to take a commit: commits that none of its tips leads to, and the trees and blobs that they added. */
export async function newObjects(objects: ObjectDatabase, theirs: Iterable<Oid>, to: Oid): Promise<readonly Oid[]> {
  const commits = await newCommits(objects, new Set(theirs), to);
  const found = new Set<Oid>();
  for (const { commit, tree, parents } of commits) {
    found.add(commit);
    const before = await Promise.all(parents.map(async (parent) => (await objects.commit(parent)).tree));
    await addTree(objects, found, tree, before);
  }
  return [...found];
}

/**
 * Walks from both sides, newest first, until all that is left is theirs. Clocks that went backwards only make it find too much, which a
 * server does not mind.
 */
async function newCommits(objects: ObjectDatabase, theirs: ReadonlySet<Oid>, to: Oid): Promise<readonly Commit[]> {
  const known = new Set<Oid>(theirs);
  const seen = new Map<Oid, Commit>();
  const ways: Commit[] = [];
  const enter = async (oid: Oid): Promise<void> => {
    if (seen.has(oid)) return;
    const commit = await objects.commit(oid);
    seen.set(oid, commit);
    ways.push(commit);
  };
  if (known.has(to)) return [];
  await enter(to);
  for (const oid of theirs) await enter(oid);
  while (ways.some(({ commit }) => !known.has(commit))) {
    ways.sort((a, b) => msOf(a.at) - msOf(b.at));
    const next = ways.pop();
    for (const parent of next?.parents ?? []) {
      if (next !== undefined && known.has(next.commit)) known.add(parent);
      await enter(parent);
    }
  }
  // Oldest first, as they were made.
  return [...seen.values()].filter(({ commit }) => !known.has(commit)).toReversed();
}

/** What stands in one of the trees before is there already. */
async function addTree(objects: ObjectDatabase, found: Set<Oid>, tree: Oid, before: readonly Oid[]): Promise<void> {
  if (found.has(tree) || before.includes(tree)) return;
  found.add(tree);
  const [now, ...others] = await Promise.all([tree, ...before].map((oid) => objects.tree(oid)));
  for (const { name, mode, oid } of now?.entries ?? []) {
    const there = others.flatMap((other) => other.find(name) ?? []);
    if (mode === SUBMODULE || there.some((entry) => entry.oid === oid)) continue;
    if (mode !== FOLDER) found.add(oid);
    else
      await addTree(
        objects,
        found,
        oid,
        there.filter((entry) => entry.mode === FOLDER).map((entry) => entry.oid),
      );
  }
}
