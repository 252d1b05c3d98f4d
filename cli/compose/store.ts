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

/** Opens a store in which the first branches may be made without leaving a trace: in memory, where there are none yet. */
export async function planningStore(repository: RepositoryAt, settings: StoreSettings): Promise<GitStore> {
  const { clock } = settings;
  if (repository.made) return createMemoryGitStore({ clock });
  const store = await openStore(repository, settings);
  if ((await store.head(STATE)) !== null) return store;
  await store.close();
  return createMemoryGitStore({ clock });
}
