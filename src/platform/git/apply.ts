import type { Act } from "../../kernel/act.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Applied, Change } from "../../ports/git-store.ts";
import { buildCommit, movedReads } from "./change.ts";
import { encodeCommit } from "./commit.ts";
import { findOperation } from "./log.ts";
import { gitObject } from "./objects.ts";
import { splice } from "./splice.ts";
import type { StoreParts, Swap } from "./store-parts.ts";

/** Pushes whose answer was lost, after which a change gives up; each one is settled by looking at the branch. */
const MAX_UNANSWERED = 3;
/** Doublings of the time over which the tries of one change are spread. */
const MAX_SPREAD = 3;
/** Tries of the two verbs that have no deadline. */
const MAX_TRIES = 5;

/**
 * Puts a change on a branch. Each try looks first whether the operation is there already, which settles lost answers and a
 * change that is applied twice; then whether its reads hold; only then it stores objects and moves the branch.
 */
export function applyChange(parts: StoreParts, branch: string, change: Change, deadline: Date): Promise<Applied> {
  const { clock, branches } = parts;
  return branches.inTurn(change.act.operation, deadline, async () => {
    let known: Oid | null = null;
    let unanswered = 0;
    for (let tries = 1; ; tries += 1) {
      const head: Oid | null = await branches.tip(branch);
      const landed: Oid | null = head === null ? null : await landedAs(parts, head, known, change.act);
      if (landed !== null) return { commit: landed };
      if (tries > 1 && clock.now() >= deadline) throw conflict(branch, tries - 1, await branches.lockHint(branch));
      const begun = clock.now().getTime();
      const tried = await tryOnce(parts, branch, head, change, deadline);
      if (typeof tried !== "string" && !("unanswered" in tried)) return tried;
      if (tried !== "lost") unanswered += 1;
      if (tried !== "lost" && unanswered === MAX_UNANSWERED) throw tried.unanswered;
      known = head;
      // The first retry is immediate; later ones spread over some round trips, more of them the more losers there seem to be.
      const roundTripMs = clock.now().getTime() - begun;
      if (tries > 1) await clock.sleep(1 + parts.random() * 2 ** Math.min(tries - 1, MAX_SPREAD) * roundTripMs);
      await branches.refresh();
    }
  });
}

function landedAs(parts: StoreParts, head: Oid, known: Oid | null, act: Act): Promise<Oid | null> {
  return findOperation(parts.objects, head, known, act.operation, parts.byTheirClock?.(act.at) ?? act.at);
}

async function tryOnce(
  parts: StoreParts,
  branch: string,
  head: Oid | null,
  change: Change,
  deadline: Date,
): Promise<Applied | Exclude<Swap, "swapped">> {
  const { objects, branches } = parts;
  const parent = head ?? change.onto ?? null;
  const moved = await movedReads(objects, parent, change.reads);
  if (moved.length > 0) {
    if (parent === null) throw missingBranch(branch);
    return { moved, head: parent };
  }
  const landed = head === null ? null : await parts.land?.(branch, head, change, deadline);
  if (landed !== null && landed !== undefined) return landed;
  const built = await buildCommit(objects, parent, change);
  const commit = await objects.writeCommit(built.objects, built.commit);
  const swap = await branches.swap(branch, head, commit);
  return swap === "swapped" ? { commit } : swap;
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

function missingBranch(branch: string): ToolError {
  return new ToolError("state.branch.missing", `There is no branch ${branch}`, {
    data: { branch },
    hints: ["waybill init makes it; in a clone, fetch it first"],
  });
}
