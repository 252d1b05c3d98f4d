import type { LookAround } from "../../src/ports/surroundings.ts";
import type { RepositoryAt } from "../world.ts";

/** Looks around in the repository on this disk; an address has no surroundings that we know. */
export function lookAroundOf(env: ReadonlyMap<string, string>, repository: () => Promise<RepositoryAt>): LookAround {
  return async (branches) => {
    const { gitDir } = await repository();
    if (gitDir === null) return null;
    const { gitOf } = await import("../../src/platform/git/git-process.ts");
    return (await import("../../src/platform/git/surroundings.ts")).surroundingsOf(gitOf(env), gitDir, branches);
  };
}
