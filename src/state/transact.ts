import type { Act } from "../kernel/act.ts";
import { isRefused, type Refused, ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Folder } from "../ports/files.ts";
import type { GitStore } from "../ports/git-store.ts";
import type { Schemas } from "../schema/schemas.ts";
import { STATE } from "./branches.ts";
import type { AnyKind } from "./document-kind.ts";
import type { Plan } from "./plan.ts";
import type { Rewrites } from "./rewrites.ts";
import { checkTip, type Memory } from "./tips.ts";
import { openView, type RecordingView, type View } from "./view.ts";
import { writesOf } from "./writer.ts";

/** Longest that an operation tries while the branch keeps moving. */
const DEADLINE_MS = 60_000;
/** Longest subject line of a commit, in characters. */
const SUBJECT_LENGTH = 100;

/** What every operation on facts needs. */
export interface Ground {
  readonly store: GitStore;
  readonly kinds: readonly AnyKind[];
  readonly schemas: Schemas;
  readonly clock: Clock;
  /** Secrets of this process, which no document may carry. */
  readonly secrets: readonly string[];
  /** Cache folder of this repository; with one, a branch that went back is refused before anything is read from it. */
  readonly cache?: Folder;
  /** Jumps of the facts that decisions in force allow; asked only where the branch went another way than it was seen. */
  readonly rewrites?: Rewrites;
}

/** What an operation did; `commit` is null where nothing had to be written. */
export interface Done<T> {
  readonly commit: Oid | null;
  readonly result: T;
}

/**
 * Reads, plans and writes one operation on facts as one commit, and plans again when what it read has changed.
 * Throws `state.branch.missing`, `state.push.*`, `state.writer.*`; a crash leaves the old state or the new one.
 */
export async function transact<S, T>(
  ground: Ground,
  act: Act,
  read: (view: View) => Promise<S>,
  plan: (seen: S, act: Act) => Plan<T> | Refused,
  deadlineMs: number = DEADLINE_MS,
): Promise<Done<T> | Refused> {
  const deadline = new Date(ground.clock.now().getTime() + deadlineMs);
  let tip = await newestTip(ground);
  for (let tries = 1; ; tries += 1) {
    const view = openView({ ...ground, branch: "state" }, tip);
    const planned = plan(await read(view), act.again());
    if (isRefused(planned)) return planned;
    const writes = await writesOf(ground, view, planned, act.again());
    if (writes.size === 0) return { commit: null, result: planned.result };
    const change = { act, reads: readsOf(view), writes, message: subjectOf(planned) };
    const applied = await ground.store.apply(STATE, change, deadline);
    if ("commit" in applied) return { commit: applied.commit, result: planned.result };
    if (ground.clock.now() >= deadline) throw moving(tries, deadlineMs);
    tip = applied.head;
  }
}

/** Opens a view on the newest facts. Throws `state.branch.missing`. */
export async function openState(ground: Omit<Ground, "clock" | "secrets">, at?: Oid): Promise<View> {
  return openView({ ...ground, branch: "state" }, at ?? (await newestTip(ground)));
}

/** Tip of the facts, held against what this user remembers. Throws `state.branch.missing`, `state.ref.rewound`. */
async function newestTip(ground: Omit<Memory, "cache"> & Partial<Memory>): Promise<Oid> {
  const { store, cache } = ground;
  return (cache === undefined ? null : await checkTip({ ...ground, cache }, STATE)) ?? tipOf(store);
}

/** Tip of the facts. Throws `state.branch.missing`. */
export async function tipOf(store: GitStore): Promise<Oid> {
  const tip = await store.head(STATE);
  if (tip !== null) return tip;
  throw new ToolError("state.branch.missing", `${printable(store.location)} has no branch ${STATE}`, {
    data: { location: store.location, branch: STATE },
    hints: ["waybill init"],
  });
}

function readsOf(view: RecordingView): ReadonlyMap<string, Oid | null> {
  return view.reads;
}

function subjectOf(plan: Plan<unknown>): string {
  const [first] = plan.events;
  return printable(plan.subject ?? (first ? `${first.action} ${first.target[1]}` : "update"), SUBJECT_LENGTH);
}

function moving(tries: number, deadlineMs: number): ToolError {
  return new ToolError(
    "state.push.conflict",
    `The branch ${STATE} kept moving for ${deadlineMs / 1000} s (${tries} tries)`,
    {
      data: { branch: STATE, tries },
      hints: ["Run the same command again"],
    },
  );
}
