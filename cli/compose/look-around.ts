import type { LookAround } from "../../src/ports/surroundings.ts";
import type { Args } from "../command.ts";
import type { RepositoryAt } from "../world.ts";
import { localGit } from "./local-git.ts";

/** Looks around in the repository on this disk; an address has no surroundings that we know. */
export function lookAroundOf(
  args: Args,
  env: ReadonlyMap<string, string>,
  repository: () => Promise<RepositoryAt>,
): LookAround {
  return async (branches) => {
    const { gitDir } = await repository();
    if (gitDir === null) return null;
    return (await localGit(args, env)).surroundingsOf(gitDir, branches);
  };
}
