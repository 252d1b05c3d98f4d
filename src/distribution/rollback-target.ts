import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import type { ChannelPointerV1 } from "../schema/types.gen.ts";
import type { View } from "../state/view.ts";
import { autoHistory, type HistoryGround } from "./auto-history.ts";
import { earlierReleases } from "./core/channel-history.ts";
import { versionText } from "./core/release-path.ts";
import { type ChannelNow, gatedHistory, type KnownRelease, readPointed, unusable } from "./pointers.ts";

/** A pointer of the past: what `PastPointer` asks, the document, and since when it was in force. */
export interface Placed {
  readonly proposal_id: string;
  readonly release_id: string;
  readonly kind: "promotion" | "rollback";
  readonly pointer: ChannelPointerV1;
  readonly since: string;
}

/** Where a rollback goes. */
export interface Target {
  readonly placed: Placed;
  readonly known: KnownRelease;
  /** When the channel left it; null where it never did. */
  readonly until: string | null;
}

/** Earlier releases that a refusal names. */
const MAX_NAMED = 10;

/**
 * Finds the release that a rollback goes to: the named one where it lies further back on the channel, else the nearest further back that
 * is published, not withdrawn and not retired, and still has the bytes that were approved. Refuses with `rollback.no_previous` or
 * `rollback.not_earlier`.
 */
export async function findTarget(
  ground: HistoryGround,
  facts: View,
  decisions: Decisions,
  channel: ChannelNow,
  releaseId: string | null,
): Promise<Target | Refused> {
  const history: Placed[] = [];
  const skipped: Reason[] = [];
  const judged = new Set<string>();
  for await (const placed of pastOf(ground, facts, decisions, channel)) {
    history.push(placed);
    // After a rollback only the whole history says where the channel stands.
    if (history[0]?.kind === "rollback") continue;
    const found = await firstOf(facts, decisions, history, { releaseId, judged, skipped });
    if (found !== null) return found;
  }
  const found = await firstOf(facts, decisions, history, { releaseId, judged, skipped });
  return found ?? noTarget(channel, history, releaseId, skipped);
}

/** Pointers of a channel, newest first; of an `auto` channel read as far as they are asked for. */
async function* pastOf(
  ground: HistoryGround,
  facts: View,
  decisions: Decisions,
  { app, name, settings }: ChannelNow,
): AsyncGenerator<Placed> {
  if (settings.mode === "gated") {
    for (const { document, mergedAt } of gatedHistory(decisions, app, name)) yield placedOf(document, mergedAt);
    return;
  }
  for await (const { pointer, movedAt } of autoHistory(ground, facts.at, app, name)) yield placedOf(pointer, movedAt);
}

function placedOf(pointer: ChannelPointerV1, since: string): Placed {
  const { proposal_id, release_id, kind } = pointer;
  return { proposal_id, release_id, kind, pointer, since };
}

async function firstOf(
  facts: View,
  decisions: Decisions,
  history: readonly Placed[],
  on: { readonly releaseId: string | null; readonly judged: Set<string>; readonly skipped: Reason[] },
): Promise<Target | null> {
  for (const placed of earlierReleases(history)) {
    const { release_id: id } = placed;
    if (on.judged.has(id) || (on.releaseId !== null && on.releaseId !== id)) continue;
    on.judged.add(id);
    const known = await readPointed(facts, placed.pointer);
    const problem = isRefused(known) ? known.refused[0] : await unusable(facts, decisions, known.release);
    if (problem === null && !isRefused(known))
      return { placed, known, until: history[history.indexOf(placed) - 1]?.since ?? null };
    if (problem !== null) on.skipped.push(problem);
  }
  return null;
}

function noTarget(
  { app, name }: ChannelNow,
  history: readonly Placed[],
  releaseId: string | null,
  skipped: readonly Reason[],
): Refused {
  const [first, ...more] = skipped;
  if (releaseId !== null && first !== undefined) return refuse(first, ...more);
  const earlier = earlierReleases(history).map(({ pointer }) => versionText(pointer));
  const data = { app, channel: name, earlier: earlier.slice(0, MAX_NAMED) };
  if (releaseId !== null) {
    const message = `The release is not among the earlier ones of ${app}/${name}`;
    const hint =
      earlier.length === 0 ? `dist channel show ${name} --app ${app}` : `Earlier: ${data.earlier.join(", ")}`;
    return refuse(reason("rollback.not_earlier", message, data, hint));
  }
  const why =
    history.length === 0 ? `${app}/${name} points nowhere` : `${app}/${name} has no earlier release to go back to`;
  return refuse(reason("rollback.no_previous", why, data, `dist channel show ${name} --app ${app}`), ...skipped);
}
