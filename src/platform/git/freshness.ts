import type { Clock } from "../../ports/clock.ts";
import type { Branches } from "./store-parts.ts";

/** When what was fetched of a remote is fetched again: when it is asked for, and when it is older than it may be; never offline. */
export function freshness(
  remote: { readonly offline: boolean; readonly freshMs: number; readonly clock: Clock },
  fetchedAt: number,
  fetch: () => Promise<unknown>,
): Pick<Branches, "freshen" | "refresh"> {
  const { offline, freshMs, clock } = remote;
  let fetched = fetchedAt;
  const refresh = async (): Promise<void> => {
    if (offline) return;
    const begun = clock.now().getTime();
    await fetch();
    fetched = begun;
  };
  return {
    refresh,
    freshen: async () => {
      if (clock.now().getTime() - fetched >= freshMs) await refresh();
    },
  };
}
