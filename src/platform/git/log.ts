import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
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
