import type { GitStore } from "../../src/ports/git-store.ts";

/** A store of which differences are those of many pairs, as a walk over history takes them, so that tests of reading are tests of that too. */
export function lookingTogether(store: GitStore): GitStore {
  return {
    ...store,
    async *diff(from, to, wanted) {
      const [found] = wanted === undefined ? await store.diffs([[from, to]]).catch(() => []) : [];
      yield* found ?? store.diff(from, to, wanted);
    },
  };
}
