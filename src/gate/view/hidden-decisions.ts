import type { Oid } from "../../kernel/oid.ts";
import type { Commit, GitStore } from "../../ports/git-store.ts";
import type { DecisionPlaces } from "../decision-kind.ts";

/** Most commits beside the history that are looked at. */
const MAX_BESIDE = 200;
/** Most decision files that are named. */
const MAX_HIDDEN = 100;
/** Most files that are looked at, in all: decisions are few, and more than these are there to keep readers busy. */
const MAX_LOOKED = 10_000;

/**
 * Decision files that a commit puts back: it brings in merges that the first-parent history does not have, as a push does whose
 * first parent is an old tip and whose second is the newest. Git takes that for a fast-forward, so no rule against forced pushes
 * stops it. A proposal into which the branch was merged brings in none. Of what cannot be looked through it may be any decision.
 * Throws `state.limit.exceeded` where a tree cannot be read to its end.
 */
export async function hiddenDecisions(
  store: GitStore,
  { commit, parents }: Commit,
  isOnHistory: (commit: Oid) => boolean,
  places: DecisionPlaces,
): Promise<readonly string[]> {
  const hidden = new Set<string>();
  let looked = 0;
  for (const from of await mergesBeside(store, parents.slice(1), isOnHistory))
    for await (const { path } of store.diff(from, commit, places.isFolder)) {
      looked += 1;
      if (hidden.size === MAX_HIDDEN || looked > MAX_LOOKED) return [...hidden];
      if (places.isDecision(path)) hidden.add(path);
    }
  return [...hidden];
}

/** Merges that are not on the history, of commits that are not either; null, which is before everything, where there are too many. */
async function mergesBeside(
  store: GitStore,
  from: readonly Oid[],
  isOnHistory: (commit: Oid) => boolean,
): Promise<readonly (Oid | null)[]> {
  const beside = new Set(from.filter((parent) => !isOnHistory(parent)));
  const merges: Oid[] = [];
  for (const oid of beside) {
    if (beside.size > MAX_BESIDE) return [null];
    const [first, ...others] = (await store.commit(oid)).parents;
    const strange = others.filter((parent) => !isOnHistory(parent));
    if (strange.length > 0) merges.push(oid);
    for (const parent of [...(first === undefined || isOnHistory(first) ? [] : [first]), ...strange])
      beside.add(parent);
  }
  return merges;
}
