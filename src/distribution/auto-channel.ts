import type { Actor } from "../kernel/act.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import type { Oid } from "../kernel/oid.ts";
import type { PointerSource } from "../schema/types.gen.ts";
import type { View } from "../state/view.ts";
import { autoHistory, autoHistorySince, type HistoryGround, notBefore } from "./auto-history.ts";
import type { AutoChannel } from "./auto-move.ts";
import { channelNow, type ChannelNow, gatedHistory } from "./pointers.ts";

/**
 * Tells whether a person asks, and not automation. On an `auto` channel everything is a fact, worth as much as everybody who may
 * write, so a person is believed by saying so; a gated channel asks for a signature besides.
 */
export function isPerson(actor: Actor): boolean {
  return actor.kind === "human";
}

/** Reads an `auto` channel as far as a move to a release published at `publishedAt` needs it. */
export async function readAutoChannel(
  ground: HistoryGround,
  facts: View,
  decisions: Decisions,
  key: { readonly app: string; readonly channel: string },
  release: { readonly id: string; readonly publishedAt: string },
): Promise<AutoChannel> {
  const now = await channelNow(facts, decisions, key.app, key.channel);
  const hold = (await facts.find("channel-hold.v1", key)) ?? null;
  const past = now.pointer === null ? [] : await autoHistorySince(ground, facts.at, key, release.publishedAt);
  const source = await soakSource(ground, facts, decisions, now, release.id);
  return { now, hold, history: past.map(({ pointer }) => pointer), source };
}

/** Since when a release is on the channel that a soak asks for; null where no soak is asked or it is not there now. */
export async function soakSource(
  ground: HistoryGround,
  facts: View,
  decisions: Decisions,
  channel: ChannelNow,
  releaseId: string,
): Promise<PointerSource | null> {
  const { soak } = channel.settings;
  if (soak === null) return null;
  const source = await channelNow(facts, decisions, channel.app, soak.source);
  if (source.pointer?.release_id !== releaseId || source.since === null) return null;
  return { channel: soak.source, since: await sinceWhen(ground, facts, decisions, source, releaseId) };
}

/** Since when a release is on the channel of a soak, where it is there now. The clock starts when the release came to the channel; a change of its percentage does not start it again. */
export async function sinceWhen(
  ground: HistoryGround,
  facts: View,
  decisions: Decisions,
  source: ChannelNow,
  releaseId: string,
  claimed = "",
): Promise<string> {
  let since = source.since ?? "";
  if (source.settings.mode === "gated") {
    for (const { document, mergedAt } of gatedHistory(decisions, source.app, source.name)) {
      if (document.release_id !== releaseId) break;
      since = mergedAt;
    }
    return since;
  }
  let brought: Oid | null = null;
  for await (const { pointer, movedAt, commit } of autoHistory(ground, facts.at, source.app, source.name, claimed)) {
    if (pointer.release_id !== releaseId) break;
    since = movedAt;
    brought = commit;
  }
  const earliest = brought === null ? "" : await notBefore(ground, brought);
  return earliest > since ? earliest : since;
}
