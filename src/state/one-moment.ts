import type { Oid } from "../kernel/oid.ts";
import type { GitStore } from "../ports/git-store.ts";
import { DECISIONS, STATE } from "./branches.ts";

/** Tips of both branches; null where there is none. */
interface BothTips {
  readonly state: Oid | null;
  readonly decisions: Oid | null;
}

/**
 * Both branches as they were at one moment: decisions that came after the facts were read may speak of later ones, and facts that came
 * after the decisions of later decisions.
 */
async function tipsTogether(store: GitStore): Promise<BothTips> {
  for (;;) {
    const before = await store.head(DECISIONS);
    const state = await store.head(STATE, { fresh: true });
    const decisions = await store.head(DECISIONS);
    if (decisions === before) return { state, decisions };
  }
}

/** A store whose two branches stay where they were at one moment, for who reads both. */
export async function atOneMoment(store: GitStore): Promise<GitStore> {
  const { state, decisions } = await tipsTogether(store);
  const tips: ReadonlyMap<string, Oid | null> = new Map([
    [STATE, state],
    [DECISIONS, decisions],
  ]);
  return {
    ...store,
    async head(branch, options) {
      const tip = tips.get(branch);
      return tip === undefined ? store.head(branch, options) : tip;
    },
  };
}
