import type { Oid } from "../../kernel/oid.ts";
import type { Forge, Proposal } from "../../ports/forge.ts";

/** Newest merged pull requests that are looked through. */
const MAX_PULLS = 500;

/** Merged pull requests by the commit that they became; the forge is asked once, and only as far back as needed. */
export interface MergedPulls {
  /**
   * Finds the pull request of a merge. A forge calls every pull request of the same head merged, whoever opened it, so the one of the
   * decision's own proposal goes before all others, and is asked for by itself where there are too many.
   */
  byMerge(commit: Oid, proposalId?: string | null): Promise<Proposal | null>;
}

/** Opens the list of merged pull requests. */
export function mergedPulls(forge: Forge): MergedPulls {
  const known: Proposal[] = [];
  const more = forge.list("merged")[Symbol.asyncIterator]();
  return {
    async byMerge(commit, proposalId = null) {
      const isIt = ({ merge }: Proposal) => merge === commit;
      const isWanted = (pull: Proposal) =>
        isIt(pull) && (proposalId === null || (pull.id === proposalId && !pull.foreign));
      let found = known.find(isWanted);
      while (found === undefined && known.length < MAX_PULLS) {
        const next = await more.next();
        if (next.done === true) break;
        known.push(next.value);
        if (isWanted(next.value)) found = next.value;
      }
      if (found !== undefined) return found;
      const own = proposalId === null ? null : await forge.find(proposalId);
      return own !== null && isWanted(own) ? own : (known.find(isIt) ?? null);
    },
  };
}
