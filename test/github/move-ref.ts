import type { FakeRepository, RefMove } from "./repository.ts";
import type { Caller } from "./route.ts";
import { forbidden } from "./routes/answers.ts";
import { ruleRefusal } from "./rules.ts";
import { changesWorkflows } from "./workflow-files.ts";
import type { FakeWorld } from "./world.ts";

/** What became of a move: `stale` where the ref stood elsewhere by then. */
export type Moved = "moved" | "stale" | { readonly refused: string };

/** Moves a ref for a caller: asks the rulesets, compares and swaps, and tells everyone who listens. */
export function moveRef(world: FakeWorld, repo: FakeRepository, caller: Caller | null, move: RefMove): Promise<Moved> {
  return moveRefs(world, repo, caller, [move]);
}

/** A move with whether it rewrites history; its commits must be there. */
export async function judged(repo: FakeRepository, move: RefMove): Promise<RefMove> {
  const { from, to } = move;
  return { ...move, isForced: from !== null && to !== null && !(await repo.isAncestor(from, to)) };
}

/** Moves several refs, all or none. Throws 403 where a token without the permission would change workflows. */
export async function moveRefs(
  world: FakeWorld,
  repo: FakeRepository,
  caller: Caller | null,
  wanted: readonly RefMove[],
): Promise<Moved> {
  const moves = await Promise.all(wanted.map((move) => judged(repo, move)));
  for (const move of moves) {
    const refused = ruleRefusal(repo, move, caller);
    if (refused !== null) return { refused };
    if (await changesWorkflows(repo, move, caller)) throw forbidden();
  }
  if (!(await repo.swap(moves))) return "stale";
  for (const move of moves) noteMove(world, repo, caller, move);
  return "moved";
}

/** Records a move that is done already: `push`, `create` and `delete` events as GitHub sends them. */
export function noteMove(world: FakeWorld, repo: FakeRepository, caller: Caller | null, move: RefMove): void {
  const { ref, from, to } = move;
  repo.noteMove(move, caller?.account ?? null);
  if (from === null) world.emit(repo, caller, "create", { ref, sha: to });
  if (to === null) world.emit(repo, caller, "delete", { ref, sha: from });
  if (/^refs\/(?:heads|tags)\//.test(ref)) world.emit(repo, caller, "push", { ref, before: from, after: to });
}
