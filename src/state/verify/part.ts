import type { Oid } from "../../kernel/oid.ts";
import type { Json } from "../../kernel/json.ts";
import type { ChangedFile, VerifyCheck, VerifyGround, Walk, Walker } from "./check.ts";
import type { PartAnswer, PartJob } from "./parts-ahead.ts";
import { Teller } from "./teller.ts";
import { visitAll } from "./visit.ts";

/** What a helper needs to walk parts. */
export interface PartGround {
  readonly ground: Omit<VerifyGround, "clock">;
  /** Made anew for each part; only those that can be helped are run. */
  readonly checks: () => readonly VerifyCheck[];
  /** Files that only the owner of the walk can check. */
  readonly isNoted: (file: ChangedFile) => boolean;
}

/**
 * Walks a part of history on the word that what comes before is right. Null where anything is not as it should be: a finding, a warning,
 * or what cannot be read. Its owner walks such a part itself.
 */
export async function walkPart({ ground, checks, isNoted }: PartGround, job: PartJob): Promise<PartAnswer | null> {
  const { after, commits, nowMs } = job;
  const tip = commits.at(-1) ?? after;
  const teller = new Teller(() => undefined);
  const on = nowMs === null ? ground : { ...ground, clock: { now: () => new Date(nowMs) } };
  const walk: Walk = {
    ground: on,
    report: teller.report,
    tip,
    after,
    first: commits[0] ?? null,
    isCut: false,
    counts: {},
    isPart: true,
  };
  const begun: (readonly [string, Walker])[] = [];
  for (const check of checks()) if (check.helped !== undefined) begun.push([check.helped, await check.begin(walk)]);
  const noted = new Set<Oid>();
  const noting: Walker = {
    onFile(file, { commit }) {
      if (isNoted(file)) noted.add(commit);
    },
  };
  const walkers = [...begun.map(([, walker]) => walker), noting];
  const pairs = commits.map((commit, i) => [commits[i - 1] ?? after, commit] as const);
  await visitAll(on, walkers, pairs, teller, () => undefined);
  if (!teller.isRight || teller.missing !== null) return null;
  const gathered: Record<string, Json> = {};
  for (const [name, walker] of begun) {
    const all = walker.gathered?.();
    if (all !== undefined) gathered[name] = all;
  }
  return { noted: [...noted], gathered };
}
