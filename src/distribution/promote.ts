import { isRefused, type Reason, type Refused, refuse } from "../kernel/errors.ts";
import { resolveChannel } from "../gate/core/requirement.ts";
import type { DistReleasePromoteResultV1, RequestedRun } from "../schema/types.gen.ts";
import { openState } from "../state/transact.ts";
import { isPerson, readAutoChannel } from "./auto-channel.ts";
import { planAutoMove } from "./auto-move.ts";
import { versionText } from "./core/release-path.ts";
import { type Admitted, admit, type Desk, type FindSigner, signerFor, write } from "./desk.ts";
import { findRelease } from "./find-release.ts";
import { proposalParts, refOf, refOfPointer } from "./move-parts.ts";
import { channelNow, type KnownRelease } from "./pointers.ts";
import { promotable } from "./promotable.ts";
import { proposeMove } from "./propose-move.ts";
import { channelProblem, reasonProblem, rolloutProblem } from "./wish.ts";

/** What a promotion is asked for. */
export interface PromoteWish {
  /** `[<app>@]<version>[+<build>]`, or an id. */
  readonly release: string;
  readonly app: string | undefined;
  readonly channel: string;
  readonly reason: string | null;
  readonly rollout: number;
  readonly requestedRun: RequestedRun | null;
  readonly signer: FindSigner;
}

/** What a promotion came to. */
export interface Promoted {
  readonly result: DistReleasePromoteResultV1;
  readonly warnings: readonly Reason[];
}

/**
 * Points a channel at a published release. An `auto` channel moves at once, in one commit; a gated one gets one proposal and moves when
 * that is merged. The same again changes nothing, or finds the open proposal.
 */
export async function promote(desk: Desk, wish: PromoteWish): Promise<Promoted | Refused> {
  const problem =
    channelProblem(wish.channel) ?? rolloutProblem(wish.rollout) ?? reasonProblem(wish.reason ?? "promote");
  if (problem !== null) return refuse(problem);
  const known = await findRelease(await openState(desk.ground), wish.release, wish.app);
  if (isRefused(known)) return known;
  const app = known.release.app_id;
  const admitted = await admit(desk, "dist release promote", { scope: "channels:promote", app, channel: wish.channel });
  if (isRefused(admitted)) return admitted;
  const { mode } = resolveChannel(admitted.decisions.policy.document, app, wish.channel);
  const move = mode === "auto" ? moveAuto : moveGated;
  return move(desk, admitted, { ...wish, reason: wish.reason ?? `promote ${versionText(known.release)}` }, known);
}

type Wish = PromoteWish & { readonly reason: string };

async function moveAuto(desk: Desk, admitted: Admitted, wish: Wish, named: KnownRelease): Promise<Promoted | Refused> {
  const { decisions } = admitted;
  const key = { app: named.release.app_id, channel: wish.channel };
  const done = await write(
    desk,
    admitted,
    async (facts) => {
      const known = await promotable(facts, decisions, named);
      if (isRefused(known)) return known;
      const { id, published_at: publishedAt } = known.release;
      const at = { id, publishedAt: publishedAt ?? "" };
      return { known, channel: await readAutoChannel(desk.ground, facts, decisions, key, at) };
    },
    (seen, act) => {
      if (isRefused(seen)) return seen;
      const { known, channel } = seen;
      const repoId = decisions.policy.document.repo_id;
      const asked = {
        kind: "promotion",
        reason: wish.reason,
        rollout: wish.rollout,
        repoId,
        byPerson: isPerson(act.actor),
      } as const;
      const move = planAutoMove(channel, known, asked, act);
      if (move.status === "refused") return { refused: move.reasons };
      const from = refOfPointer(channel.now.pointer);
      const result = { status: move.status, from, to: refOf(known.release) } as const;
      return move.status === "promoted" ? { ...move.plan, result } : { writes: [], events: [], result };
    },
  );
  if (isRefused(done)) return done;
  const parts = { ...done.result, proposal: null, verdict: null, commit: done.commit };
  return { result: { ...base(desk, wish, key.app, "auto"), ...parts }, warnings: admitted.warnings };
}

async function moveGated(desk: Desk, admitted: Admitted, wish: Wish, named: KnownRelease): Promise<Promoted | Refused> {
  const { decisions, act, warnings } = admitted;
  const { release } = named;
  const facts = await openState(desk.ground);
  const known = await promotable(facts, decisions, named);
  if (isRefused(known)) return known;
  const { pointer } = await channelNow(facts, decisions, release.app_id, wish.channel);
  const ends = { from: refOfPointer(pointer), to: refOf(release), commit: null };
  const isThere = pointer?.release_id === release.id && pointer.rollout_percent === wish.rollout;
  if (isThere) {
    const unchanged = { status: "unchanged", proposal: null, verdict: null } as const;
    return { result: { ...base(desk, wish, release.app_id, "gated"), ...ends, ...unchanged }, warnings };
  }
  const proposed = await proposeMove(desk.ground, act, {
    app: release.app_id,
    channel: wish.channel,
    kind: "promotion",
    reason: wish.reason,
    rollout: wish.rollout,
    requestedRun: wish.requestedRun,
    signer: await signerFor(decisions.policy.document, act, wish.signer),
    dryRun: desk.dryRun,
    find: (view) => promotable(view, decisions, named),
  });
  if (isRefused(proposed)) return proposed;
  return { result: { ...base(desk, wish, release.app_id, "gated"), ...ends, ...proposalParts(proposed) }, warnings };
}

function base(desk: Desk, wish: Wish, app: string, mode: "auto" | "gated") {
  const { channel, rollout } = wish;
  return {
    schema: "dist-release-promote-result.v1",
    planned: desk.dryRun,
    app,
    channel,
    mode,
    rollout_percent: rollout,
  } as const;
}
