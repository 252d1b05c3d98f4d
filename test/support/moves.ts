import { orThrow } from "../../src/kernel/errors.ts";
import { channelNow } from "../../src/distribution/pointers.ts";
import { promote, type PromoteWish } from "../../src/distribution/promote.ts";
import type { RollbackWish } from "../../src/distribution/rollback.ts";
import type { YankWish } from "../../src/distribution/yank.ts";
import { decisionsOf, deskOf, publishWorld, type PublishWorld, robot } from "./publish-world.ts";

/** The app of these tests. */
export const APP = "acme-notes";

/** A promotion of 1.0.0 to `stable`. */
export function promoter(world: PublishWorld, more: Partial<PromoteWish> = {}): PromoteWish {
  return {
    release: `${APP}@1.0.0`,
    app: undefined,
    channel: "stable",
    reason: null,
    rollout: 100,
    requestedRun: null,
    signer: () => Promise.resolve(world.key),
    ...more,
  };
}

/** A rollback of `stable`. */
export function backwards(world: PublishWorld, more: Partial<RollbackWish> = {}): RollbackWish {
  return {
    app: APP,
    channel: "stable",
    to: null,
    reason: "it crashes",
    preview: false,
    requestedRun: null,
    signer: () => Promise.resolve(world.key),
    ...more,
  };
}

/** A yank of 1.0.0. */
export function withdrawing(world: PublishWorld, more: Partial<YankWish> = {}): YankWish {
  const base = {
    release: `${APP}@1.0.0`,
    app: undefined,
    reason: "loses notes",
    severity: "high",
    replacement: null,
  } as const;
  return { ...base, signer: () => Promise.resolve(world.key), ...more };
}

/** A world with published versions; the gated channel `stable` has been on each of `on`, in order. */
export async function worldWith(versions: readonly string[], on: readonly string[] = []): Promise<PublishWorld> {
  const world = await publishWorld();
  for (const version of versions) {
    world.clock.advance(60_000);
    await world.release(version);
  }
  for (const version of on) await toStable(world, version);
  return world;
}

/** Promotes a version to `stable` and merges it. */
async function toStable(world: PublishWorld, version: string): Promise<void> {
  world.clock.advance(60_000);
  const opened = orThrow(await promote(deskOf(world), promoter(world, { release: `${APP}@${version}` })));
  await world.merge(opened.result.proposal?.id ?? "");
}

/** Version that a channel points to. */
export async function versionOn(world: PublishWorld, channel: string): Promise<string | undefined> {
  return (await channelNow(await world.facts(), await decisionsOf(world), APP, channel)).pointer?.version;
}

/** A desk at which automation asks. */
export const automation = (world: PublishWorld) => deskOf(world, { caller: { token: undefined, actor: robot } });
