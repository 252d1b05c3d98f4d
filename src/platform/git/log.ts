import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import type { ObjectDatabase } from "./object-database.ts";

/** Commits that are asked for one by one; a history that is longer than this is read in one go. */
const SINGLY = 64;

/** First-parent history from `to` back to, and without, `from`, newest first. */
export async function* firstParents(objects: ObjectDatabase, from: Oid | null, to: Oid): AsyncGenerator<Commit> {
  let at: Oid | undefined = to;
  for (let count = 0; at !== undefined && at !== from; count += 1) {
    if (count === SINGLY) {
      // Nothing is taken from git's word: each commit must be the parent of the one before.
      for await (const commit of objects.firstParents({ from, to: at })) {
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
