import { isRefused, type Reason, type Refused, refuse } from "../kernel/errors.ts";
import type { DistReleaseRollbackResultV1, RequestedRun } from "../schema/types.gen.ts";
import { openState } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import { isPerson } from "./auto-channel.ts";
import { planAutoMove } from "./auto-move.ts";
import { rollbackConsequences } from "./core/consequences.ts";
import { type Admitted, admit, type Desk, type FindSigner, signerFor, write } from "./desk.ts";
import { findApp, findRelease, unknownApp } from "./find-release.ts";
import { proposalParts, refOf, refOfPointer } from "./move-parts.ts";
import { channelNow, type ChannelNow, readPointed, releaseAt } from "./pointers.ts";
import { proposeMove } from "./propose-move.ts";
import { findTarget, type Target } from "./rollback-target.ts";
import { channelProblem, reasonProblem, unknownChannel } from "./wish.ts";

/** What a rollback is asked for. */
export interface RollbackWish {
  readonly app: string;
  readonly channel: string;
  /** A release to go back to; null: the previous one. */
  readonly to: string | null;
  readonly reason: string;
  /** Only says what would happen. */
  readonly preview: boolean;
  readonly requestedRun: RequestedRun | null;
  readonly signer: FindSigner;
}

/** What a rollback came to. */
export interface RolledBack {
  readonly result: DistReleaseRollbackResultV1;
  readonly warnings: readonly Reason[];
}

/**
 * Moves a channel back to a release that it had before, and says what clients that already updated will do. An `auto` channel moves at
 * once, a gated one by its own approver rule. Nothing is copied. A repeated request with the same reason finds what it did.
 */
export async function rollback(desk: Desk, wish: RollbackWish): Promise<RolledBack | Refused> {
  const problem = channelProblem(wish.channel) ?? (wish.preview ? null : reasonProblem(wish.reason));
  if (problem !== null) return refuse(problem);
  const { app, channel } = wish;
  const facts = await openState(desk.ground);
  if ((await findApp(facts, app)) === undefined) return unknownApp(facts, app);
  const admitted = await admit(desk, "dist release rollback", { scope: "channels:rollback", app, channel });
  if (isRefused(admitted)) return admitted;
  const unknown = await unknownChannel(facts, admitted.decisions, app, channel);
  if (unknown !== null) return refuse(unknown);
  const named = wish.to === null ? null : await findRelease(facts, wish.to, app);
  if (isRefused(named)) return named;
  const found = await lookBack(desk, admitted, wish, named?.release.id ?? null, facts);
  if (isRefused(found)) return found;
  if ("result" in found) return found;
  if (wish.preview) return answer(desk, admitted, found, { status: "preview", ...NOTHING });
  return found.now.settings.mode === "auto"
    ? moveAuto(desk, admitted, wish, found)
    : moveGated(desk, admitted, wish, found);
}

/** A channel with where it goes back to. */
interface Back {
  readonly now: ChannelNow;
  readonly target: Target;
  readonly facts: View;
}

const NOTHING = { proposal: null, verdict: null, commit: null } as const;

async function lookBack(
  desk: Desk,
  admitted: Admitted,
  wish: RollbackWish,
  releaseId: string | null,
  facts: View,
): Promise<Back | RolledBack | Refused> {
  const { decisions } = admitted;
  const now = await channelNow(facts, decisions, wish.app, wish.channel);
  const done = await alreadyDone(desk, admitted, wish, releaseId, now, facts);
  if (done !== null) return done;
  const target = await findTarget(desk.ground, facts, decisions, now, releaseId);
  return isRefused(target) ? target : { now, target, facts };
}

/** A rollback that is in force for the same release, or for the same reason, is not done twice: that would go further back. */
async function alreadyDone(
  desk: Desk,
  admitted: Admitted,
  wish: RollbackWish,
  releaseId: string | null,
  now: ChannelNow,
  facts: View,
): Promise<RolledBack | null> {
  const { pointer } = now;
  if (wish.preview || pointer?.kind !== "rollback") return null;
  if (releaseId === null ? pointer.reason !== wish.reason : pointer.release_id !== releaseId) return null;
  const known = await readPointed(facts, pointer);
  const ref = refOfPointer(pointer);
  if (isRefused(known) || ref === null) return null;
  const since = now.since ?? pointer.requested_at;
  const result = { ...base(desk, now), from: ref, to: ref, to_was_on: { since, until: null }, consequences: [] };
  return { result: { ...result, status: "unchanged", ...NOTHING }, warnings: admitted.warnings };
}

async function moveAuto(desk: Desk, admitted: Admitted, wish: RollbackWish, back: Back): Promise<RolledBack | Refused> {
  const { decisions } = admitted;
  const wanted = back.target.known.release.id;
  const done = await write(
    desk,
    admitted,
    async (facts) => {
      const now = await channelNow(facts, decisions, wish.app, wish.channel);
      const target = await findTarget(desk.ground, facts, decisions, now, wish.to === null ? null : wanted);
      return isRefused(target) ? target : { now, target, facts };
    },
    (seen, act) => {
      if (isRefused(seen)) return seen;
      const repoId = decisions.policy.document.repo_id;
      const asked = {
        kind: "rollback",
        reason: wish.reason,
        rollout: 100,
        repoId,
        byPerson: isPerson(act.actor),
      } as const;
      const channel = { now: seen.now, hold: null, history: [], source: null };
      const move = planAutoMove(channel, seen.target.known, asked, act);
      if (move.status === "refused") return { refused: move.reasons };
      return move.status === "promoted" ? { ...move.plan, result: seen } : { writes: [], events: [], result: seen };
    },
  );
  if (isRefused(done)) return done;
  return answer(desk, admitted, done.result, { status: "rolled_back", ...NOTHING, commit: done.commit });
}

async function moveGated(
  desk: Desk,
  admitted: Admitted,
  wish: RollbackWish,
  back: Back,
): Promise<RolledBack | Refused> {
  const { decisions, act } = admitted;
  const proposed = await proposeMove(desk.ground, act, {
    app: wish.app,
    channel: wish.channel,
    kind: "rollback",
    reason: wish.reason,
    rollout: 100,
    requestedRun: wish.requestedRun,
    signer: await signerFor(decisions.policy.document, act, wish.signer),
    dryRun: desk.dryRun,
    find: (facts) => readPointed(facts, back.target.placed.pointer),
  });
  if (isRefused(proposed)) return proposed;
  return answer(desk, admitted, back, { ...proposalParts(proposed), commit: null });
}

type Ending = Pick<DistReleaseRollbackResultV1, "status" | "proposal" | "verdict" | "commit">;

async function answer(
  desk: Desk,
  admitted: Admitted,
  { now, target, facts }: Back,
  ending: Ending,
): Promise<RolledBack> {
  const { pointer } = now;
  const to = refOf(target.known.release);
  // What is rolled back may be the very document that was tampered with, so its digest does not matter here.
  const left = pointer === null ? undefined : await releaseAt(facts, now.app, pointer.version, pointer.build);
  const result = {
    ...base(desk, now),
    from: refOfPointer(pointer) ?? to,
    to,
    to_was_on: { since: target.placed.since, until: target.until },
    consequences: left === undefined ? [] : rollbackConsequences(left.release, target.known.release),
    ...ending,
  };
  return { result, warnings: admitted.warnings };
}

function base(desk: Desk, { app, name, settings }: ChannelNow) {
  return {
    schema: "dist-release-rollback-result.v1",
    planned: desk.dryRun,
    app,
    channel: name,
    mode: settings.mode,
  } as const;
}
