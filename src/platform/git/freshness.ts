import type { Clock } from "../../ports/clock.ts";
import type { Branches } from "./store-parts.ts";

/**
 * When what was fetched of a remote is fetched again: when it is asked for, and when it is older than it may be; never offline. A branch
 * that a change of ours has just landed on is known as of then.
 */
export function freshness(
  remote: { readonly offline: boolean; readonly freshMs: number; readonly clock: Clock },
  fetchedAt: number,
  fetch: () => Promise<unknown>,
): Pick<Branches, "freshen" | "landed" | "refresh"> {
  const { offline, freshMs, clock } = remote;
  let fetched = fetchedAt;
  const landings = new Map<string, number>();
  const refresh = async (): Promise<void> => {
    if (offline) return;
    const begun = clock.now().getTime();
    await fetch();
    fetched = begun;
  };
  return {
    refresh,
    landed: (branch) => void landings.set(branch, clock.now().getTime()),
    freshen: async (branch) => {
      const known = Math.max(fetched, landings.get(branch ?? "") ?? 0);
      if (clock.now().getTime() - known >= freshMs) await refresh();
    },
  };
}
