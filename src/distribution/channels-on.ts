import type { Decisions } from "../gate/core/decisions.ts";
import type { View } from "../state/view.ts";
import { channelNow, type KnownRelease } from "./pointers.ts";
import { channelNames } from "./wish.ts";

/** Channels whose pointer names the release, by code point. */
export async function channelsOn(
  facts: View,
  decisions: Decisions,
  { release }: KnownRelease,
): Promise<readonly string[]> {
  const names = await channelNames(facts, decisions, release.app_id);
  const all = await Promise.all(names.map((name) => channelNow(facts, decisions, release.app_id, name)));
  return all.flatMap(({ name, pointer }) => (pointer?.release_id === release.id ? [name] : [])).toSorted();
}
