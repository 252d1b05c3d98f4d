import type { Oid } from "../../src/kernel/oid.ts";
import type { GitStore } from "../../src/ports/git-store.ts";

/** A store of which every read goes through one that reads its history ahead, so that tests of reading are tests of that too. */
export function readingAhead(store: GitStore): GitStore {
  const along = async <T>(to: Oid | undefined, work: (ahead: GitStore) => Promise<T>): Promise<T> => {
    const ahead = to === undefined ? undefined : store.along?.(null, to);
    try {
      // Whoever walks asks for the commit before what it brings.
      if (to !== undefined) await ahead?.commit(to);
      return await work(ahead ?? store);
    } finally {
      await ahead?.close();
    }
  };
  return {
    ...store,
    read: (at, paths) => along(at, (ahead) => ahead.read(at, paths)),
    async *diff(from, to, wanted) {
      yield* await along(to, (ahead) => all(ahead.diff(from, to, wanted)));
    },
    diffs: (pairs) => along(pairs.at(-1)?.[1], (ahead) => ahead.diffs(pairs)),
    commit: (oid) => along(oid, (ahead) => ahead.commit(oid)),
    async *log(from, to) {
      yield* await along(to, (ahead) => all(ahead.log(from, to)));
    },
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
