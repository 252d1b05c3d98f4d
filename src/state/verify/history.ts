import type { Oid } from "../../kernel/oid.ts";
import type { VerifyGround, Violation } from "./check.ts";
import { type Missing, Teller } from "./teller.ts";
import type { Pair } from "./visit.ts";

/** First parents of a branch, as ids only: a million of them fit into memory, which the commits would not. */
export interface History {
  /** Oldest first. */
  readonly commits: readonly Oid[];
  /** What the first of them follows; null where that is the root. */
  readonly after: Oid | null;
  readonly missing: Missing;
  /** What is wrong with what could not be followed. */
  readonly told: readonly Violation[];
}

/** Follows history from the tip; one that cannot be followed further is checked from there as far as it goes. */
export async function historyOf(
  { store }: Pick<VerifyGround, "store">,
  { after, tip }: { readonly after: Oid | null; readonly tip: Oid },
): Promise<History> {
  const told: Violation[] = [];
  const teller = new Teller((violation) => void told.push(violation));
  const commits: Oid[] = [];
  let parent: Oid | null = tip;
  await teller.guard(tip, async () => {
    for await (const commit of store.log(after, tip)) {
      commits.push(commit.commit);
      parent = commit.parents[0] ?? null;
    }
  });
  const { missing } = teller;
  return {
    commits: commits.toReversed(),
    after: parent,
    missing: missing && { ...missing, commit: parent ?? tip },
    told,
  };
}

/** Commits with what they follow. Where history is cut, the first has nothing to be compared with and only the later ones are checked. */
export function pairsOf({ commits, after, missing }: History): readonly Pair[] {
  const pairs = commits.map((commit, i) => [commits[i - 1] ?? after, commit] as const);
  return missing === null ? pairs : pairs.slice(1);
}
