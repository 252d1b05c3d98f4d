import type { FakeRepository, RefMove } from "./repository.ts";
import type { Caller } from "./route.ts";

const FOLDER = ".github/workflows";

/**
 * Tells whether a move would change what workflows may run, without the permission to: the workflow token can never have it. Files that
 * the branch or the default branch holds already are no change.
 */
export async function changesWorkflows(
  repo: FakeRepository,
  { from, to }: RefMove,
  caller: Caller | null,
): Promise<boolean> {
  if (to === null || caller === null || caller.kind === "user" || caller.permissions.workflows === "write")
    return false;
  const there = await repo.resolve(`${to}:${FOLDER}`);
  if (there === null) return false;
  const known = [from ?? "", `refs/heads/${repo.defaultBranch}`].filter((each) => each !== "");
  const held = await Promise.all(known.map((each) => repo.resolve(`${each}:${FOLDER}`)));
  return !held.includes(there);
}
