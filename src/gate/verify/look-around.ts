import type { LookAround, Surroundings } from "../../ports/surroundings.ts";
import { DECISIONS, SNAPSHOT, STATE } from "../../state/branches.ts";
import type { Report } from "../../state/verify/check.ts";
import { reportSurroundings } from "../../state/verify/surrounded.ts";
import type { GateGround } from "../ground.ts";

const BRANCHES = [STATE, DECISIONS, SNAPSHOT];

/** Begins to look for what goes by the names of our branches, while history is walked; null where nobody can look. */
export function lookAround(look: LookAround | undefined): Promise<Surroundings | null> {
  const looking = Promise.resolve(look?.(BRANCHES) ?? null);
  // It is waited for in its turn; until then an error is nobody's.
  looking.catch(() => undefined);
  return looking;
}

/** Says what goes by the names of our branches, and how many that are; null where nobody could look. */
export async function lookedAround(
  { store }: Pick<GateGround, "store">,
  around: Surroundings | null,
  report: Report,
): Promise<number | null> {
  if (around === null) return null;
  const heads = await Promise.all(BRANCHES.map(async (branch) => [branch, await store.head(branch)] as const));
  reportSurroundings(around, new Map(heads), report);
  return around.namesakes.length;
}
