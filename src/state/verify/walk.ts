import { ToolError } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import { kindFinder } from "../document-kind.ts";
import { inOrder } from "../in-order.ts";
import { changedFiles, type FileReading, filesTogether, readFiles } from "./changed-files.ts";
import type { ChangedFile, Report, VerifyCheck, VerifyGround, Walker } from "./check.ts";

/** Commits whose files are read together. */
const TOGETHER = 8;
/** How many times as many are read ahead of the ones being checked. */
const AHEAD = 8;

/** From where to where a walk goes, and what was counted before. */
export interface Span {
  readonly after: Oid | null;
  readonly tip: Oid;
  readonly counts?: Readonly<Record<string, number>>;
}

/** What a walk came to. */
export interface Walked {
  readonly commits: number;
  readonly counts: Readonly<Record<string, number>>;
  /** The commit that history could not be followed beyond, and why; null where everything was there. */
  readonly missing: { readonly commit: Oid; readonly message: string } | null;
}

/**
 * Walks the first parents of the state branch once, oldest first, and shows every commit to every check. What cannot be read
 * because it is damaged or beyond a bound is a violation, what is not here makes the walk incomplete; it goes on either way.
 */
export async function walkState(
  ground: VerifyGround,
  checks: readonly VerifyCheck[],
  span: Span,
  report: Report,
  progress: (done: number, total: number) => void,
): Promise<Walked> {
  const history = await historyOf(ground, span, report);
  let missing = history.missing;
  const after = missing === null ? history.after : null;
  const { tip, counts = {} } = span;
  const isCut = history.missing !== null;
  const walk = { ground, report, tip, after, isCut, counts, first: history.commits[0] ?? null };
  const walkers: Walker[] = [];
  for (const check of checks) {
    const lacks = await guarded(walk.first ?? span.tip, report, async () => {
      walkers.push(await check.begin(walk));
    });
    missing ??= lacks;
  }
  const lacking = await visitAll(ground, walkers, history, report, progress);
  missing ??= lacking;
  for (const walker of walkers) {
    const lacks = await guarded(span.tip, report, async () => walker.finish?.());
    missing ??= lacks;
  }
  return {
    commits: history.commits.length,
    missing,
    counts: Object.fromEntries(walkers.flatMap((walker) => Object.entries(walker.counted?.() ?? {}))),
  };
}

/** Shows every commit to every walker; answers what was missing first. */
async function visitAll(
  ground: VerifyGround,
  walkers: readonly Walker[],
  history: History,
  report: Report,
  progress: (done: number, total: number) => void,
): Promise<Walked["missing"]> {
  const on = readFiles(ground, kindFinder(ground.kinds, "state"));
  let missing: Walked["missing"] = null;
  let done = 0;
  for await (const some of steps(on, history))
    for (const step of some) {
      const lacks = await visit(on, walkers, step, report);
      missing ??= lacks;
      done += 1;
      progress(done, history.commits.length);
    }
  return missing;
}

interface History {
  /** Oldest first. */
  readonly commits: readonly Oid[];
  /** What the first of them follows; null where that is the root. */
  readonly after: Oid | null;
  readonly missing: Walked["missing"];
}

/** Ids only: a million of them fit into memory, which the commits would not. */
async function historyOf(
  { store }: VerifyGround,
  { after, tip }: { readonly after: Oid | null; readonly tip: Oid },
  report: Report,
): Promise<History> {
  const commits: Oid[] = [];
  let parent: Oid | null = tip;
  const missing = await guarded(tip, report, async () => {
    for await (const commit of store.log(after, tip)) {
      commits.push(commit.commit);
      parent = commit.parents[0] ?? null;
    }
  });
  // A history that cannot be followed further is checked from there as far as it goes.
  return { commits: commits.toReversed(), after: parent, missing: missing && { ...missing, commit: parent ?? tip } };
}

interface Step {
  readonly commit: Oid;
  readonly parent: Oid | null;
  /** Null where they are read by themselves. */
  readonly files: readonly ChangedFile[] | null;
}

/** Commits in order, with their files where those are few: a number of commits is read together, and as many ahead. */
async function* steps(on: FileReading, { commits, after, missing }: History): AsyncGenerator<readonly Step[]> {
  // Where history is cut, the first commit has nothing to be compared with and only the later ones are checked.
  const first = missing === null ? 0 : 1;
  const count = Math.ceil((commits.length - first) / TOGETHER);
  const starts = Array.from({ length: Math.max(0, count) }, (_, i) => first + i * TOGETHER);
  yield* inOrder(starts, AHEAD, async (start) => {
    const together = commits.slice(start, start + TOGETHER);
    const some = together.map((commit, i) => [commits[start + i - 1] ?? after, commit] as const);
    const files = await filesTogether(on, some);
    return some.map(([parent, commit], i) => ({ commit, parent, files: files[i] ?? null }));
  });
}

function visit(on: FileReading, walkers: readonly Walker[], step: Step, report: Report): Promise<Walked["missing"]> {
  return guarded(step.commit, report, async () => {
    const commit = await on.ground.store.commit(step.commit);
    const parent = step.parent === null ? null : await on.ground.store.commit(step.parent);
    for (const walker of walkers) walker.onStart?.(commit);
    if (step.files !== null) await show(walkers, step.files, commit);
    else for await (const files of changedFiles(on, step.parent, step.commit)) await show(walkers, files, commit);
    for (const walker of walkers) {
      const work = walker.onCommit?.(commit, parent);
      if (work !== undefined) await work;
    }
  });
}

/** Most checks answer at once, and waiting for nothing takes longer than they do. */
async function show(walkers: readonly Walker[], files: readonly ChangedFile[], commit: Commit): Promise<void> {
  for (const file of files)
    for (const walker of walkers) {
      const work = walker.onFile?.(file, commit);
      if (work !== undefined) await work;
    }
}

/** Turns what cannot be read into a violation, and what is not here into what is missing. */
async function guarded(commit: Oid, report: Report, work: () => Promise<void>): Promise<Walked["missing"]> {
  try {
    await work();
    return null;
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    if (cause.code === "state.object.missing") return { commit, message: cause.message };
    const rule = ruleOf[cause.code];
    if (rule === undefined) throw cause;
    report({
      rule,
      branch: STATE,
      commit,
      path: null,
      message: cause.message,
      data: cause.data,
      next: `the other commits were checked; look at ${shortOid(commit)} with git show`,
    });
    return null;
  }
}

/** Rules about what any reader can take. */
const ruleOf: Readonly<Record<string, string>> = {
  "state.limit.exceeded": "tree.bounded",
  "state.object.corrupt": "object.intact",
};
