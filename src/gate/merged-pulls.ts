import type { Oid } from "../kernel/oid.ts";
import type { Forge, Proposal } from "../ports/forge.ts";

/** Newest merged pull requests that are looked through. */
const MAX_PULLS = 500;

/** Merged pull requests by the commit that they became; the forge is asked once, and only as far back as needed. */
export interface MergedPulls {
  byMerge(commit: Oid): Promise<Proposal | null>;
}

/** Opens the list of merged pull requests. */
export function mergedPulls(forge: Forge): MergedPulls {
  const known = new Map<Oid, Proposal>();
  const more = forge.list("merged")[Symbol.asyncIterator]();
  let left = MAX_PULLS;
  return {
    async byMerge(commit) {
      while (!known.has(commit) && left > 0) {
        const next = await more.next();
        if (next.done === true) left = 0;
        else if (next.value.merge !== null) known.set(next.value.merge, next.value);
        left -= 1;
      }
      return known.get(commit) ?? null;
    },
  };
}
