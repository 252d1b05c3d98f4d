import type { RefTip } from "./bare-repository.ts";
import type { FakeRepository } from "./repository.ts";

/** Lists refs as they are, or as they were before the last move, where a stale read is wanted. */
export async function refsSeen(repo: FakeRepository, prefix: string, isStale: boolean): Promise<readonly RefTip[]> {
  const now = await repo.refs(prefix);
  const last = isStale ? repo.moves.at(-1) : undefined;
  if (last?.ref.startsWith(prefix) !== true) return now;
  const others = now.filter((each) => each.ref !== last.ref);
  if (last.from === null) return others;
  return [...others, { ref: last.ref, oid: last.from }].toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** Finds a ref as it is, or as it was before the last move. */
export async function refSeen(repo: FakeRepository, ref: string, isStale: boolean): Promise<string | null> {
  const last = repo.moves.at(-1);
  return isStale && last?.ref === ref ? last.from : await repo.ref(ref);
}
