import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";
import type { LookAround } from "../../ports/surroundings.ts";
import type { MissingHistory, NotChecked, StateVerifyResultV1 } from "../../schema/types.gen.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import { atOneMoment } from "../../state/one-moment.ts";
import type { Report, VerifyCheck } from "../../state/verify/check.ts";
import { type Findings, noFindings } from "../../state/verify/findings.ts";
import { type Prefix, prefixKey, readPrefix, writePrefix } from "../../state/verify/prefix.ts";
import type { VerifyRule } from "../../state/verify/rule.ts";
import { SURROUNDING_RULES } from "../../state/verify/surrounded.ts";
import { type Tally, tallying } from "../../state/verify/tally.ts";
import { walkState } from "../../state/verify/walk.ts";
import { writtenMeanwhile } from "../../state/written-meanwhile.ts";
import { type WalkedDecisions, walkDecisions } from "./checks.ts";
import { warnAhead } from "./decided-ahead.ts";
import type { GateGround } from "../ground.ts";
import { lookAround, lookedAround } from "./look-around.ts";
import { lookAtTips } from "./look-at-tips.ts";
import { missingBranch, missingObjects } from "./missing-history.ts";
import { notCheckedOf } from "./not-checked.ts";
import { sealAnchored } from "./seal-anchored.ts";
import { checkedRows, decisionsDocument, pendingOf, violationRows, warningRows } from "./verify-result.ts";

/** What verifying a repository needs besides its ground. */
export interface Verification {
  readonly version: string;
  /** The registry of rules, of every plane: what each means, and whether it is a violation. */
  readonly rules: readonly VerifyRule[];
  /** Checks of facts, of every plane. */
  readonly checks: readonly VerifyCheck[];
  /** Checks that need the effective view and look at the end of facts only; what they find is found in every run. */
  readonly ending: (decisions: WalkedDecisions | null) => readonly VerifyCheck[];
  /** Starts at the root although an earlier walk is remembered. */
  readonly full: boolean;
  /** How far it is: commits of facts, or decisions before them. */
  readonly progress: (done: number, total: number) => void;
  /** Looks beside the branches, where they lie on this disk. */
  readonly lookAround?: LookAround;
  /** Read after the walk: what the caller's own checks counted, and what they were not asked. */
  readonly rest?: () => { readonly tally: Tally; readonly notChecked: readonly NotChecked[] };
}

type Verified = Omit<StateVerifyResultV1, "artifacts">;

/**
 * Walks both branches from their roots to their tips and holds every commit against every rule. All violations are reported, a
 * rewound tip included, and it goes on; what is not in this repository makes the answer `incomplete`, never `verified`.
 * Throws `state.branch.missing` where there is neither branch.
 */
export async function verifyRepository(asked: GateGround, how: Verification): Promise<Verified> {
  // Every document of all history is read: where only a part is here, the rest comes with one fetch.
  await asked.store.fetchAll?.();
  const ground = { ...asked, store: await atOneMoment(asked.store) };
  const began = ground.clock.now().getTime();
  const found = noFindings(how.rules);
  const missing: MissingHistory[] = [];
  const calm = { ...ground, cache: calmed(ground.cache) };
  const { cache, written } = writtenMeanwhile(ground.cache);
  const key = prefixKey({ version: how.version, kinds: ground.kinds, checks: how.checks });
  const [isKnown, remembered] = await Promise.all([
    lookAtTips({ ...ground, cache }, found.report),
    how.full ? null : readPrefix(ground.cache, key),
  ]);
  const looking = lookAround(how.lookAround);
  const tip = await factsTip(ground, missing);
  const prefix = await usable(calm, remembered, tip);
  const decided = await decisionsOf(calm, found.report, missing, prefix?.decisions ?? null);
  if (decided !== null) warnAhead(decided.decisions, ground.clock.now(), found.report);
  const tally: Tally = { refs: 2, ...(decided === null ? {} : { decisions: decided.commits }) };
  const facts = tip === null ? null : await walkFacts(calm, how, { tip, prefix, decided, missing, tally }, found);
  const around = await lookedAround(ground, await looking, found.report);
  if (around !== null) tally.refs = 2 + around;
  const status = found.count() > 0 ? "violated" : missing.length > 0 ? "incomplete" : "verified";
  if (status === "verified" && facts !== null) await remember(cache, key, facts, decided, found);
  const result: Verified = {
    schema: "state-verify-result.v1",
    version: how.version,
    status,
    facts: facts && { tip: facts.tip, at: facts.at, commits: facts.commits, remembered: facts.remembered },
    decisions: decided && decisionsDocument(decided),
    checkpoint: null,
    duration_ms: ground.clock.now().getTime() - began,
    ...coverage(ground, how, { isKnown, facts, decided, missing, tally, isLooked: around !== null }, found),
    ...(await named(ground, how, found)),
    ...pendingOf(decided),
    missing,
  };
  await written();
  return result;
}

/** Remembers a walk; one with more warnings than are kept would forget some, and is walked anew. */
async function remember(to: Folder, key: string, facts: WalkedFacts, decided: WalkedDecisions | null, found: Findings) {
  if (found.warningCount() !== found.warnings.length) return;
  await writePrefix(to, key, {
    state: facts.tip,
    commits: facts.commits,
    decisions: decided && { root: decided.decisions.root, settled: decided.settled },
    counts: facts.counts,
    warnings: found.warnings.filter(({ rule }) => facts.rules.includes(rule)),
  });
}

/** What was found, bounded and as it is told. */
async function named({ store }: GateGround, { rules }: Verification, found: Findings) {
  return {
    violations: await violationRows(store, rules, found.violations),
    violation_count: found.count(),
    commits_violated: found.commits(),
    warnings: warningRows(found.warnings),
    warning_count: found.warningCount(),
  };
}

/** What was checked, what it saw, and what was not. */
function coverage(
  ground: GateGround,
  how: Verification,
  on: {
    readonly isKnown: boolean;
    readonly facts: WalkedFacts | null;
    readonly decided: WalkedDecisions | null;
    readonly missing: readonly MissingHistory[];
    readonly tally: Tally;
    readonly isLooked: boolean;
  },
  found: Findings,
) {
  const { isKnown, facts, decided, missing, tally, isLooked } = on;
  const rest = how.rest?.() ?? { tally: {}, notChecked: [] };
  const isCut = (branch: string) => missing.some((lack) => lack.branch === branch);
  const isRemembered = facts !== null && facts.remembered > 0;
  const root = decided === null ? null : decided.decisions.root;
  return {
    checked: checkedRows(
      how.rules,
      {
        rules: new Set([
          "state.ref.rewound",
          ...(isLooked ? SURROUNDING_RULES : []),
          ...(decided === null ? [] : DECISION_RULES),
          ...(facts?.rules ?? []),
        ]),
        tally: { ...tally, ...rest.tally },
        facts: isCut(STATE) ? "cut" : isRemembered ? "remembered" : "root",
        decisions: isCut(DECISIONS) ? "cut" : (decided?.remembered ?? 0) > 0 ? "remembered" : "root",
      },
      found,
    ),
    not_checked: [
      ...rest.notChecked,
      ...notCheckedOf({ isKnown, isLooked, isRootGiven: ground.root !== null, facts, root }),
    ],
  };
}

/** Rules that folding decisions holds them against; those that facts bear on are held while facts are walked. */
const DECISION_RULES = ["decision.conforming", "decision.seen_false", "root.mismatch"];
/** Rules about what any reader can take. */
const READING_RULES = ["object.intact", "tree.bounded"];

/** Tip of facts; null where only decisions are here, as in a clone of a single branch. */
async function factsTip({ store }: GateGround, missing: MissingHistory[]): Promise<Oid | null> {
  const tip = await store.head(STATE);
  if (tip !== null) return tip;
  const lack = missingBranch(STATE);
  if ((await store.head(DECISIONS)) === null)
    throw new ToolError("state.branch.missing", lack.message, { data: { branch: STATE }, hints: ["waybill init"] });
  missing.push(lack);
  return null;
}

interface WalkedFacts {
  readonly counts: Readonly<Record<string, number>>;
  readonly tip: Oid;
  readonly at: string;
  readonly commits: number;
  readonly remembered: number;
  readonly rules: readonly string[];
}

async function walkFacts(
  ground: GateGround,
  how: Verification,
  on: {
    readonly tip: Oid;
    readonly prefix: Prefix | null;
    readonly decided: WalkedDecisions | null;
    readonly missing: MissingHistory[];
    readonly tally: Tally;
  },
  found: Findings,
): Promise<WalkedFacts> {
  const { tip, decided, missing, tally } = on;
  const ours = decided === null ? [] : [decided.check, sealAnchored(decided.decisions)];
  const checks = [...how.checks, ...ours];
  // What was remembered is of these decisions, or it is of no use.
  const isOfThese = decided === null ? on.prefix?.decisions === null : decided.remembered > 0;
  const prefix = isOfThese ? on.prefix : null;
  const span = { after: prefix === null ? null : prefix.state, tip, counts: prefix?.counts ?? {} };
  const all = [...checks, ...how.ending(decided)];
  const walked = await walkState(ground, [...all, tallying(tally)], span, found.report, how.progress);
  for (const warning of prefix?.warnings ?? []) if (!found.hasWarned(warning)) found.report(warning);
  if (walked.missing !== null || (await ground.store.isShallow()))
    missing.push(await missingObjects(ground.store, STATE, walked.missing));
  const remembered = prefix === null ? 0 : prefix.commits;
  const { at } = await ground.store.commit(tip);
  const rules = [...READING_RULES, ...all.flatMap((check) => check.rules)];
  return { counts: walked.counts, tip, at, commits: walked.commits + remembered, remembered, rules };
}

/** A remembered walk counts only while the tip follows its end. */
async function usable({ store }: GateGround, prefix: Prefix | null, tip: Oid | null): Promise<Prefix | null> {
  if (prefix === null || prefix.state === tip) return prefix;
  if (tip === null) return null;
  try {
    for await (const { parents } of store.log(prefix.state, tip)) if (parents[0] === prefix.state) return prefix;
  } catch (cause) {
    // A history that is cut short before the remembered end is walked as far as it goes.
    if (!(cause instanceof ToolError) || cause.code !== "state.object.missing") throw cause;
  }
  return null;
}

/** What was remembered of tips is compared and reported by itself; the root stays pinned. */
function calmed(cache: Folder): Folder {
  const isTip = (path: string) => path.startsWith("tip-");
  return {
    ...cache,
    read: async (path) => (isTip(path) ? null : cache.read(path)),
    write: async (path, content) => (isTip(path) ? undefined : cache.write(path, content)),
  };
}

async function decisionsOf(
  ground: GateGround,
  report: Report,
  missing: MissingHistory[],
  after: Prefix["decisions"],
): Promise<WalkedDecisions | null> {
  try {
    return await walkDecisions(ground, report, after);
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    const { code, message, data } = cause;
    if (code === "state.branch.missing") missing.push(missingBranch(DECISIONS));
    if (code === "state.object.missing")
      missing.push(await missingObjects(ground.store, DECISIONS, { commit: null, message }));
    if (code === "state.branch.missing" || code === "state.object.missing") return null;
    const rule = ruleOf[code];
    if (rule === undefined) throw cause;
    const next = "no decision of this branch is in force here; find out who made it";
    report({ rule, branch: DECISIONS, commit: await ground.store.head(DECISIONS), path: null, message, data, next });
    return null;
  }
}

/** Rules about a branch of decisions as a whole. */
const ruleOf: Readonly<Record<string, string>> = {
  "state.root.mismatch": "root.mismatch",
  "state.document.invalid": "root.mismatch",
  "document.not_canonical": "root.mismatch",
  "text.invalid_utf8": "root.mismatch",
  "state.limit.exceeded": "tree.bounded",
  "state.object.corrupt": "object.intact",
};
