import type { Act } from "../kernel/act.ts";
import { type Reason, reason } from "../kernel/errors.ts";
import type { RuleResult } from "../gate/core/verdict.ts";
import type { ChannelHoldV1, ChannelPointerV1, PointerSource } from "../schema/types.gen.ts";
import type { Plan } from "../state/plan.ts";
import { channelRows } from "./channel-rules.ts";
import { kindOfMove, type PastPointer } from "./core/channel-history.ts";
import { referenceOf, versionText } from "./core/release-path.ts";
import { validationCounts } from "./core/validation.ts";
import type { ChannelNow, KnownRelease } from "./pointers.ts";

/** An `auto` channel as a move of it sees it. */
export interface AutoChannel {
  readonly now: ChannelNow;
  readonly hold: ChannelHoldV1 | null;
  /** Earlier pointers, newest first, the present one included; as far back as the release was published. */
  readonly history: readonly PastPointer[];
  /** Since when the release is on the soak channel. */
  readonly source: PointerSource | null;
}

/** What moving an `auto` channel comes to. */
export type AutoMove =
  | {
      readonly status: "promoted";
      readonly pointer: ChannelPointerV1;
      readonly plan: Pick<Plan<null>, "writes" | "events">;
    }
  | { readonly status: "unchanged" }
  | { readonly status: "refused"; readonly reasons: readonly [Reason, ...Reason[]] };

/** What is asked of the channel. */
export interface AutoWish {
  readonly kind: "promotion" | "rollback";
  readonly reason: string;
  readonly rollout: number;
  readonly repoId: string;
  /** True where a person asks, and not automation. */
  readonly byPerson: boolean;
}

/** Plans the move of an `auto` channel to a release: a fact, in the commit of whoever moves it. */
export function planAutoMove(channel: AutoChannel, to: KnownRelease, wish: AutoWish, act: Act): AutoMove {
  const { now } = channel;
  const { release, digest } = to;
  const here = now.pointer;
  if (here?.release_id === release.id && here.release_digest === digest && here.rollout_percent === wish.rollout)
    return { status: "unchanged" };
  const reasons = refusals(channel, to, wish, act);
  const [first, ...more] = reasons;
  if (first !== undefined) return { status: "refused", reasons: [first, ...more] };
  const pointer: ChannelPointerV1 = {
    schema: "channel-pointer.v1",
    repo_id: wish.repoId,
    proposal_id: act.id("prop"),
    from: here === null ? null : { proposal_id: here.proposal_id, release_id: here.release_id },
    requested_by: { ...act.actor },
    requested_at: act.at,
    reason: wish.reason,
    app: now.app,
    channel: now.name,
    kind: wish.kind,
    release_id: release.id,
    version: release.version,
    build: release.build,
    release_digest: digest,
    rollout_percent: wish.rollout,
  };
  const action = wish.kind === "rollback" ? "channel.rolled_back" : "channel.promoted";
  const plan: Pick<Plan<null>, "writes" | "events"> = {
    writes: [{ name: "channel-pointer.v1", key: { app: now.app, channel: now.name }, document: pointer }],
    events: [{ action, target: ["channel", `${now.app}/${now.name}`], metadata: movedMetadata(pointer) }],
  };
  return { status: "promoted", pointer, plan };
}

/** What the event of a moved channel says. */
export function movedMetadata(pointer: ChannelPointerV1): Reason["data"] {
  return {
    app: pointer.app,
    channel: pointer.channel,
    proposal_id: pointer.proposal_id,
    release_id: pointer.release_id,
    version: pointer.version,
    build: pointer.build,
    from_release_id: pointer.from?.release_id ?? null,
    rollout_percent: pointer.rollout_percent,
  };
}

function refusals(channel: AutoChannel, to: KnownRelease, wish: AutoWish, act: Act): readonly Reason[] {
  const { now, hold } = channel;
  const data = { app: now.app, channel: now.name, release_id: to.release.id };
  if (kindOfMove(channel.history, to.release.id) !== wish.kind && wish.kind === "promotion")
    return [backwards(now.app, now.name, to)];
  if (hold !== null && wish.kind === "promotion" && !wish.byPerson) return [heldReason(hold)];
  const validation = validationCounts(to.release);
  const move = { kind: wish.kind, validation, source: channel.source, byPerson: wish.byPerson };
  return channelRows(now.settings, now.pointer, move, act.at).flatMap((row) =>
    row.status === "ok" ? [] : [deniedBy(row, data)],
  );
}

/** Says that a promotion would go back, which only a rollback does. */
export function backwards(app: string, channel: string, { release }: KnownRelease): Reason {
  const message = `${channel} had ${versionText(release)} before; going back is a rollback`;
  const to = referenceOf(app, release);
  const hint = `dist release rollback --app ${app} --channel ${channel} --to ${to} --reason "…"`;
  return reason("channel.policy.denied", message, { app, channel, release_id: release.id }, hint);
}

/** Says that somebody holds a channel. */
function heldReason(hold: ChannelHoldV1): Reason {
  const message = `${hold.channel} is held by ${hold.held_by.name} since ${hold.held_at}: ${hold.reason}`;
  return reason(
    "channel.held",
    message,
    { app: hold.app, channel: hold.channel },
    "A person may promote, or dist channel unhold",
  );
}

/** A rule of a channel that says no, as a reason. */
export function deniedBy(row: RuleResult, data: Reason["data"]): Reason {
  const code = row.rule === "hold" ? "channel.held" : "channel.policy.denied";
  return reason(code, `${row.rule}: ${row.message}`, { ...data, rule: row.rule, status: row.status });
}
