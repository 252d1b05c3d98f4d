import type { Act } from "../../kernel/act.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Applied, Change } from "../../ports/git-store.ts";
import { buildChain, errorOf } from "./chain.ts";
import { movedReads } from "./change.ts";
import { encodeCommit } from "./commit.ts";
import { findOperations } from "./find-operations.ts";
import { gitObject } from "./objects.ts";
import { splice } from "./splice.ts";
import type { Outcome, StoreParts, Swap, Wish } from "./store-parts.ts";

/** Pushes whose answer was lost, after which a change gives up; each one is settled by looking at the branch. */
const MAX_UNANSWERED = 3;
/** Doublings of the time over which the tries of one change are spread. */
const MAX_SPREAD = 3;
/** Tries of the two verbs that have no deadline. */
const MAX_TRIES = 5;

/** Puts a change on a branch: through the queue of its writers where there is one, else by itself. */
export async function applyChange(parts: StoreParts, branch: string, change: Change, deadline: Date): Promise<Applied> {
  const wish = wishOf(parts.clock, change, deadline);
  const queued = await parts.branches.queue?.apply(branch, wish, (on, wishes) => landAll(parts, on, wishes));
  const outcome = queued ?? (await landOne(parts, branch, wish));
  if ("failure" in outcome) throw outcome.failure;
  if ("commit" in outcome) parts.branches.landed(branch);
  return outcome;
}

/** A clock that jumps back does not put a deadline off. */
function wishOf(clock: Clock, change: Change, deadline: Date): Wish {
  const end = performance.now() + deadline.getTime() - clock.now().getTime();
  return { change, deadline, isLate: () => clock.now() >= deadline || performance.now() >= end };
}

async function landOne(parts: StoreParts, branch: string, wish: Wish): Promise<Outcome> {
  const [outcome] = await landAll(parts, branch, [wish]);
  return outcome ?? { failure: new ToolError("internal.bug", "A wish has no outcome") };
}

/**
 * Puts changes on a branch in their order, as a chain of commits that moves it once; answers what came of each and never throws.
 * Each try looks first which operations are there already, which settles lost answers and what is applied twice; then which
 * reads hold; only then it stores objects and moves the branch.
 */
async function landAll(parts: StoreParts, branch: string, wishes: readonly Wish[]): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  try {
    await landChain(parts, branch, wishes, outcomes);
  } catch (cause) {
    const failure = errorOf(cause);
    for (const wish of openOf(wishes, outcomes)) {
      // A remote may refuse all for what one of them says, so each is to hear what is said of itself.
      const isShared =
        wishes.length === 1 || !(failure instanceof ToolError && failure.code === "state.push.protected");
      outcomes.set(wish.change.act.operation, isShared ? { failure } : await landOne(parts, branch, wish));
    }
  }
  return wishes.map(
    ({ change }) =>
      outcomes.get(change.act.operation) ?? { failure: new ToolError("internal.bug", "A wish has no outcome") },
  );
}

/** Wishes without an outcome, each operation once. */
function openOf(wishes: readonly Wish[], outcomes: ReadonlyMap<string, Outcome>): readonly Wish[] {
  const open = new Map(wishes.toReversed().map((wish) => [wish.change.act.operation, wish]));
  return [...open.values()].toReversed().filter(({ change }) => !outcomes.has(change.act.operation));
}

async function landChain(
  parts: StoreParts,
  branch: string,
  wishes: readonly Wish[],
  outcomes: Map<string, Outcome>,
): Promise<void> {
  const { clock, branches } = parts;
  let known: Oid | null = null;
  const unanswered: ToolError[] = [];
  for (let tries = 1; ; tries += 1) {
    const head: Oid | null = await branches.tip(branch);
    if (head !== null) await settleLanded(parts, head, known, openOf(wishes, outcomes), outcomes);
    if (tries > 1) await settleLate(parts, branch, tries - 1, openOf(wishes, outcomes), outcomes);
    const open = openOf(wishes, outcomes);
    if (open.length === 0) return;
    if (unanswered.length === MAX_UNANSWERED) throw errorOf(unanswered.at(-1));
    const begun = clock.now().getTime();
    const tried = await tryOnce(parts, branch, head, open, outcomes);
    if (tried === "swapped") return;
    if (tried !== "lost") unanswered.push(tried.unanswered);
    known = head;
    // The first retry is immediate; later ones spread over some round trips, more of them the more losers there seem to be.
    const roundTripMs = Math.max(0, clock.now().getTime() - begun);
    if (tries > 1) await clock.sleep(1 + parts.random() * 2 ** Math.min(tries - 1, MAX_SPREAD) * roundTripMs);
    await branches.refresh();
  }
}

async function settleLanded(
  parts: StoreParts,
  tip: Oid,
  known: Oid | null,
  open: readonly Wish[],
  outcomes: Map<string, Outcome>,
): Promise<void> {
  const dated = (act: Act): string => parts.byTheirClock?.(act.at) ?? act.at;
  const wanted = new Map(open.map(({ change: { act } }) => [act.operation, dated(act)]));
  const isShallow = () => parts.branches.isShallow();
  const landed = await findOperations(parts.objects, { tip, known, wanted, isShallow });
  for (const [operation, commit] of landed) outcomes.set(operation, { commit });
}

async function settleLate(
  { branches }: StoreParts,
  branch: string,
  tries: number,
  open: readonly Wish[],
  outcomes: Map<string, Outcome>,
): Promise<void> {
  const late = open.filter((wish) => wish.isLate());
  if (late.length === 0) return;
  const failure = conflict(branch, tries, await branches.lockHint(branch));
  for (const { change } of late) outcomes.set(change.act.operation, { failure });
}

async function tryOnce(
  parts: StoreParts,
  branch: string,
  head: Oid | null,
  open: readonly Wish[],
  outcomes: Map<string, Outcome>,
): Promise<Swap> {
  const { objects, branches } = parts;
  const oneStep = await landInOneStep(parts, branch, head, open, outcomes);
  if (oneStep !== null) return oneStep;
  const chain = await buildChain(objects, branch, head, open);
  let swap: Swap = "swapped";
  let tip = chain.last?.oid ?? null;
  if (chain.last !== null) {
    tip = await objects.writeCommit(chain.objects, chain.last);
    swap = await branches.swap(branch, head, tip);
  }
  if (swap !== "swapped") return swap;
  for (const [operation, outcome] of chain.outcomes)
    outcomes.set(
      operation,
      "commit" in outcome && outcome.commit === chain.last?.oid ? { commit: tip ?? outcome.commit } : outcome,
    );
  return "swapped";
}

/** Null where the place of the branches takes objects and a swap. */
async function landInOneStep(
  parts: StoreParts,
  branch: string,
  head: Oid | null,
  [wish]: readonly Wish[],
  outcomes: Map<string, Outcome>,
): Promise<Swap | null> {
  if (parts.land === undefined || head === null || wish === undefined) return null;
  const { change, deadline } = wish;
  const moved = await movedReads(parts.objects, head, change.reads);
  const landed = moved.length > 0 ? { moved, head } : await parts.land(branch, head, change, deadline);
  if (landed === null || landed === "lost" || "unanswered" in landed) return landed;
  outcomes.set(change.act.operation, landed);
  return "swapped";
}

/** Deletes a branch that is still at a tip; a branch that is gone is what was asked for. */
export async function dropBranch({ branches }: StoreParts, branch: string, tip: Oid): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const swap = await branches.swap(branch, tip, null);
    if (swap === "swapped") return;
    await branches.refresh();
    const head = await branches.tip(branch);
    if (head === null) return;
    if (head !== tip || tries === MAX_TRIES) throw swap === "lost" ? conflict(branch, tries) : swap.unanswered;
  }
}

/** Tells a branch without history, on which each commit takes the place of the last. */
export function isReplaced(branch: string): boolean {
  return branch.endsWith("/snapshot");
}

/** Replaces a branch that nobody builds on by one commit without a parent. */
export async function replaceBranch(
  { objects, branches }: StoreParts,
  branch: string,
  files: ReadonlyMap<string, Uint8Array>,
  act: Act,
): Promise<Oid> {
  if (!isReplaced(branch)) throw new ToolError("internal.bug", `The branch ${branch} is never replaced as a whole`);
  const spliced = await splice(objects, null, files, () => objects.limits.importedBytes);
  const content = encodeCommit({ tree: spliced.tree, parents: [], first: null, act, message: `Replace ${branch}` });
  const commit = await objects.writeCommit(spliced.objects, gitObject(objects.algorithm, "commit", content));
  for (let tries = 1; ; tries += 1) {
    const swap = await branches.swap(branch, await branches.tip(branch), commit);
    if (swap === "swapped") return commit;
    await branches.refresh();
    if ((await branches.tip(branch)) === commit) return commit;
    if (tries === MAX_TRIES) throw swap === "lost" ? conflict(branch, tries) : swap.unanswered;
  }
}

function conflict(branch: string, tries: number, hints: readonly string[] = []): ToolError {
  return new ToolError("state.push.conflict", `The branch ${branch} kept moving (${tries} tries)`, {
    data: { branch, tries },
    hints: ["Run the command again", ...hints],
  });
}
