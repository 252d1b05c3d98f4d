import type { Clock } from "../../src/ports/clock.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import { createMemoryGitStore } from "../../src/platform/memory/git-store.ts";
import { STATE } from "../../src/state/branches.ts";
import type { RepositoryAt } from "../world.ts";

/** How a store is opened. */
export interface StoreSettings {
  readonly env: ReadonlyMap<string, string>;
  /** Holds the mirrors of addresses. */
  readonly cache: string;
  readonly clock: Clock;
  readonly offline: boolean;
}

/** Opens the branches of a repository through git itself. */
export function openStore({ location }: RepositoryAt, settings: StoreSettings): Promise<GitStore> {
  return openNativeStore({ location, ...settings });
}

/** A store in memory where there are no branches yet, so that the first ones can be made without leaving a trace; else null. */
export async function planningStore(repository: RepositoryAt, settings: StoreSettings): Promise<GitStore | null> {
  const memory = () => createMemoryGitStore({ clock: settings.clock });
  if (repository.made) return memory();
  const store = await openStore(repository, settings);
  const isMade = (await store.head(STATE)) !== null;
  await store.close();
  return isMade ? null : memory();
}
