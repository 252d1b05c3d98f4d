import type { Clock } from "../../src/ports/clock.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import type { RepositoryAt } from "./repository.ts";

/** Opens the branches of a repository through git itself; `cache` holds the mirrors of addresses. */
export function openStore(
  { location, offline }: RepositoryAt,
  env: ReadonlyMap<string, string>,
  cache: string,
  clock: Clock,
): Promise<GitStore> {
  return openNativeStore({ location, offline, env, cache, clock });
}
