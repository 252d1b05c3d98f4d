import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { OPERATION } from "./commit.ts";
import type { ObjectDatabase } from "./object-database.ts";

/** Commits that are asked for one by one; a history that is longer than this is read in one go. */
const SINGLY = 64;
/** Commits of a long history that are read by one process. */
const TOGETHER = 4096;

/** First-parent history from `to` back to, and without, `from`, newest first. */
export async function* firstParents(objects: ObjectDatabase, from: Oid | null, to: Oid): AsyncGenerator<Commit> {
  let at: Oid | undefined = to;
  for (let count = 0; at !== undefined && at !== from; count += 1) {
    if (count === SINGLY) {
      for await (const commit of guessed(objects, from, at)) {
        if (commit.commit !== at || at === from) break;
        yield commit;
        at = commit.parents[0];
      }
      if (at === undefined || at === from) return;
    }
    const commit: Commit = await objects.commit(at);
    yield commit;
    at = commit.parents[0];
  }
}

/** Commits that git says come next. Who takes them holds each against the parent of the one before: nothing is taken from git's word. */
async function* guessed(objects: ObjectDatabase, from: Oid | null, to: Oid): AsyncGenerator<Commit> {
  let oids: Oid[] = [];
  for await (const oid of objects.guess?.(from, to) ?? []) {
    if (oids.push(oid) < TOGETHER) continue;
    yield* objects.commits(oids);
    oids = [];
  }
  yield* objects.commits(oids);
}

/** Commits that are looked through for an operation when nothing is known of the branch yet. */
const LOOK_BACK = 1000;

/**
 * Finds the commit of an operation between a tip and a commit that is known not to follow it. No commit is dated before its
 * act, nor before its parent, so the search ends at the first one that is older than the act.
 */
export async function findOperation(
  objects: ObjectDatabase,
  tip: Oid,
  known: Oid | null,
  operation: string,
  at: string,
): Promise<Oid | null> {
  let left = LOOK_BACK;
  for await (const commit of firstParents(objects, known, tip)) {
    if (commit.trailers.get(OPERATION) === operation) return commit.commit;
    left -= 1;
    if (commit.at < at.slice(0, 19) || (known === null && left === 0)) return null;
  }
  return null;
}
