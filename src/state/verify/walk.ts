import type { Oid } from "../../kernel/oid.ts";
import { kindFinder } from "../document-kind.ts";
import { changedFiles } from "./changed-files.ts";
import type { Report, VerifyCheck, VerifyGround, Walk } from "./check.ts";
import { type History, historyOf, pairsOf } from "./history.ts";
import type { Begun, Part, PartsAhead } from "./parts-ahead.ts";
import { type Missing, Teller } from "./teller.ts";
import { type Pair, visit, visitAll } from "./visit.ts";

/** From where to where a walk goes, and what was counted before. */
export interface Span {
  readonly after: Oid | null;
  readonly tip: Oid;
  readonly counts?: Readonly<Record<string, number>>;
  /** What lies between them, where that was followed already. */
  readonly history?: History;
  /** What a helper walks of it meanwhile. */
  readonly ahead?: PartsAhead | null;
}

/** What a walk came to. */
export interface Walked {
  readonly commits: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly missing: Missing;
}

/**
 * Walks the first parents of the state branch once, oldest first, and shows every commit to every check. What cannot be read
 * because it is damaged or beyond a bound is a violation, what is not here makes the walk incomplete; it goes on either way.
 *
 * Parts that a helper has walked and found nothing in are passed over, as long as nothing before them is wrong: behind a good commit a
 * check goes on as a later run does that remembers it. Everything that is told of was found here.
 */
export async function walkState(
  ground: VerifyGround,
  checks: readonly VerifyCheck[],
  span: Span,
  report: Report,
  progress: (done: number, total: number) => void,
): Promise<Walked> {
  const { tip, ahead = null } = span;
  const history = span.history ?? (await historyOf(ground, span));
  for (const violation of history.told) report(violation);
  const teller = new Teller(report, ahead?.isWarning);
  const begun = await beginAll(ground, checks, { ...span, history }, teller);
  const pairs = pairsOf(history);
  let done = 0;
  await walkPairs(ground, begun, { pairs, ahead, teller }, (count) => {
    done += count;
    progress(done + (ahead?.walked() ?? 0), pairs.length);
  });
  for (const { walker } of begun) await teller.guard(tip, async () => walker.finish?.());
  return {
    commits: history.commits.length,
    missing: history.missing ?? teller.missing,
    counts: Object.fromEntries(begun.flatMap(({ walker }) => Object.entries(walker.counted?.() ?? {}))),
  };
}

/** Begins every check; one that cannot is named as what cannot be read is. */
async function beginAll(
  ground: VerifyGround,
  checks: readonly VerifyCheck[],
  { tip, counts = {}, history }: Span & { readonly history: History },
  teller: Teller,
): Promise<readonly Begun[]> {
  const [first = null] = history.commits;
  const isCut = history.missing !== null;
  const after = isCut ? null : history.after;
  const walk: Walk = { ground, report: teller.report, tip, after, isCut, counts, first, isPart: false };
  const begun: Begun[] = [];
  for (const check of checks)
    await teller.guard(first ?? tip, async () => void begun.push({ check, walker: await check.begin(walk) }));
  return begun;
}

/** Commits to walk, and who walks some of them meanwhile. */
interface Way {
  readonly pairs: readonly Pair[];
  readonly ahead: PartsAhead | null;
  readonly teller: Teller;
}

/** Walks what no helper has walked yet, and passes over what one has. */
async function walkPairs(
  ground: VerifyGround,
  begun: readonly Begun[],
  { pairs, ahead, teller }: Way,
  step: (count: number) => void,
): Promise<void> {
  const walkers = begun.map(({ walker }) => walker);
  const helped = ahead?.covers(begun) === true ? ahead : null;
  if (helped === null) await ahead?.close();
  const size = helped?.size ?? pairs.length;
  for (let at = 0; at < pairs.length; at += size) {
    const some = pairs.slice(at, at + size);
    const isSound = teller.isRight && teller.missing === null;
    const part = isSound && helped !== null ? await helped.take(at) : null;
    if (part === null) await visitAll(ground, walkers, some, teller, () => step(1));
    else {
      await teller.inOrder(some, () => pass(ground, begun, { ...part, pairs: some }, teller));
      step(some.length);
    }
  }
}

/** Goes on behind a part; only what no helper can check is looked at here. */
async function pass(
  ground: VerifyGround,
  begun: readonly Begun[],
  { pairs, noted, gathered, end }: Part & { readonly pairs: readonly Pair[] },
  teller: Teller,
): Promise<void> {
  const placeOf = kindFinder(ground.kinds, "state");
  const own = begun.flatMap(({ check, walker }) => (check.helped === undefined ? [walker] : []));
  for (const pair of pairs) {
    const isNoted = noted.has(pair[1]);
    if (!isNoted && !own.some((walker) => walker.wants?.(pair[1]))) continue;
    const files = isNoted ? changedFiles(ground, placeOf, ...pair) : [];
    await teller.guard(pair[1], () => visit(ground, own, pair, files));
  }
  for (const { check, walker } of begun)
    if (check.helped !== undefined) {
      const told = { end, gathered: gathered[check.helped] };
      await teller.guard(end, async () => walker.pass?.(told));
    }
}
