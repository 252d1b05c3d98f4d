import { ToolError } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import { kindFinder } from "../document-kind.ts";
import { changedFiles } from "./changed-files.ts";
import type { ChangedFile, Report, VerifyCheck, VerifyGround, Walker } from "./check.ts";

/** Commits whose files are looked up ahead of the one being checked. */
const AHEAD = 16;

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
  let done = 0;
  for await (const step of steps(ground, history)) {
    const lacks = await visit(walkers, step, report);
    missing ??= lacks;
    done += 1;
    progress(done, history.commits.length);
  }
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
  readonly files: AsyncGenerator<readonly ChangedFile[]>;
  readonly first: Promise<Loaded>;
}

interface Loaded {
  readonly commit: Commit;
  readonly parent: Commit | null;
  readonly chunk: IteratorResult<readonly ChangedFile[]>;
}

/** Commits in order, a bounded number of them looked up ahead. */
async function* steps(ground: VerifyGround, history: History): AsyncGenerator<Step> {
  const placeOf = kindFinder(ground.kinds, "state");
  const ahead: Step[] = [];
  for (const [i, commit] of history.commits.entries()) {
    // Where history is cut, the first commit has nothing to be compared with and only the later ones are checked.
    const parent = history.commits[i - 1] ?? history.after;
    if (i === 0 && history.missing !== null) continue;
    ahead.push(stepOf(ground, changedFiles(ground, placeOf, parent, commit), commit, parent));
    if (ahead.length > AHEAD) yield* ahead.splice(0, 1);
  }
  yield* ahead;
}

function stepOf({ store }: VerifyGround, files: Step["files"], commit: Oid, parent: Oid | null): Step {
  const load = async () => ({
    commit: await store.commit(commit),
    parent: parent === null ? null : await store.commit(parent),
    chunk: await files.next(),
  });
  const first = load();
  // It is waited for in its turn; until then an error is nobody's.
  first.catch(() => undefined);
  return { commit, parent, files, first };
}

function visit(walkers: readonly Walker[], step: Step, report: Report): Promise<Walked["missing"]> {
  return guarded(step.commit, report, async () => {
    const { commit, parent, chunk } = await step.first;
    for (let part = chunk; part.done !== true; part = await step.files.next()) {
      for (const file of part.value) for (const walker of walkers) await walker.onFile?.(file, commit);
    }
    for (const walker of walkers) await walker.onCommit?.(commit, parent);
  });
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
