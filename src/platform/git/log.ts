import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { OPERATION } from "./commit.ts";
import type { ObjectDatabase } from "./object-database.ts";

/** First-parent history from `to` back to, and without, `from`, newest first. */
export async function* firstParents(objects: ObjectDatabase, from: Oid | null, to: Oid): AsyncGenerator<Commit> {
  for (let at: Oid | undefined = to; at !== undefined && at !== from; ) {
    const commit: Commit = await objects.commit(at);
    yield commit;
    at = commit.parents[0];
  }
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
