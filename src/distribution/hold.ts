import type { Act } from "../kernel/act.ts";
import { isRefused, type Reason, type Refused, refuse } from "../kernel/errors.ts";
import type { ChannelHoldV1, DistChannelHoldResultV1, DistChannelUnholdResultV1 } from "../schema/types.gen.ts";
import type { Plan } from "../state/plan.ts";
import { openState } from "../state/transact.ts";
import { type Admitted, admit, type Desk, write } from "./desk.ts";
import { findApp, unknownApp } from "./find-release.ts";
import { channelNow } from "./pointers.ts";
import { reasonProblem, unknownChannel } from "./wish.ts";

/** A channel to hold or to let go. */
export interface HoldKey {
  readonly app: string;
  readonly channel: string;
}

/** What a hold came to. */
export interface Held<R> {
  readonly result: R;
  readonly warnings: readonly Reason[];
}

/** Stops automation on a channel: a fact, at once, that can only block. A hold that is there stays as it is. */
export async function hold(desk: Desk, key: HoldKey, why: string): Promise<Held<DistChannelHoldResultV1> | Refused> {
  const problem = reasonProblem(why);
  if (problem !== null) return refuse(problem);
  const admitted = await known(desk, "dist channel hold", key);
  if (isRefused(admitted)) return admitted;
  const done = await write(
    desk,
    admitted,
    (facts) => facts.find("channel-hold.v1", { ...key }),
    (found, act) => planHold(found, key, why, act),
  );
  if (isRefused(done)) return done;
  const parts = { ...done.result, ...(await told(desk, admitted, key)), commit: done.commit };
  return { result: { schema: "dist-channel-hold-result.v1", ...parts }, warnings: admitted.warnings };
}

/** Lets automation go on where somebody held it by hand. The hold of a rollback ends only when a person promotes. */
export async function unhold(desk: Desk, key: HoldKey): Promise<Held<DistChannelUnholdResultV1> | Refused> {
  const admitted = await known(desk, "dist channel unhold", key);
  if (isRefused(admitted)) return admitted;
  const done = await write(
    desk,
    admitted,
    (facts) => facts.find("channel-hold.v1", { ...key }),
    (found) => planUnhold(found, key),
  );
  if (isRefused(done)) return done;
  const parts = { ...done.result, ...(await told(desk, admitted, key)), commit: done.commit };
  return { result: { schema: "dist-channel-unhold-result.v1", ...parts }, warnings: admitted.warnings };
}

type Planned = Plan<{ readonly changed: boolean; readonly reason: string | null }>;

/** Plans a hold. */
export function planHold(found: ChannelHoldV1 | undefined, key: HoldKey, why: string, act: Act): Planned {
  if (found !== undefined) return { writes: [], events: [], result: { changed: false, reason: found.reason } };
  const document: ChannelHoldV1 = {
    schema: "channel-hold.v1",
    ...key,
    reason: why,
    held_by: { ...act.actor },
    held_at: act.at,
  };
  return {
    writes: [{ name: "channel-hold.v1", key: { ...key }, document }],
    events: [
      { action: "channel.held", target: ["channel", `${key.app}/${key.channel}`], metadata: { ...key, reason: why } },
    ],
    result: { changed: true, reason: why },
  };
}

/** Plans the end of a hold. */
export function planUnhold(found: ChannelHoldV1 | undefined, key: HoldKey): Planned {
  if (found === undefined) return { writes: [], events: [], result: { changed: false, reason: null } };
  return {
    writes: [{ name: "channel-hold.v1", key: { ...key }, document: null }],
    events: [
      {
        action: "channel.unheld",
        target: ["channel", `${key.app}/${key.channel}`],
        metadata: { ...key, reason: found.reason },
      },
    ],
    result: { changed: true, reason: found.reason },
  };
}

async function known(desk: Desk, command: string, key: HoldKey): Promise<Admitted | Refused> {
  const facts = await openState(desk.ground);
  if ((await findApp(facts, key.app)) === undefined) return unknownApp(facts, key.app);
  const admitted = await admit(desk, command, { scope: "channels:promote", ...key });
  if (isRefused(admitted)) return admitted;
  const problem = await unknownChannel(facts, admitted.decisions, key.app, key.channel);
  return problem === null ? admitted : refuse(problem);
}

async function told(desk: Desk, admitted: Admitted, { app, channel }: HoldKey) {
  const facts = await openState(desk.ground);
  const { pointer } = await channelNow(facts, admitted.decisions, app, channel);
  return { planned: desk.dryRun, app, channel, rollback_hold: pointer?.kind === "rollback" };
}
