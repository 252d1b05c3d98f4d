import type { Act } from "../../kernel/act.ts";
import { isRefused, type Reason } from "../../kernel/errors.ts";
import type { Decisions } from "../../gate/core/decisions.ts";
import { openState } from "../../state/transact.ts";
import type { PublishedChannel } from "../../schema/types.gen.ts";
import { channelNow, type KnownRelease } from "../pointers.ts";
import { promotable } from "../promotable.ts";
import { signerFor } from "../desk.ts";
import { proposeMove } from "../propose-move.ts";
import type { PublishDesk, PublishWish } from "./desk.ts";
import type { RecordDone } from "./record-release.ts";

/** What became of the channel that a publish asked for, and the reasons where it did not move. */
export interface AskedChannel {
  readonly row: PublishedChannel;
  readonly reasons: readonly Reason[];
  /** Why a person must open the pull request of the proposal; its `url` is then where. */
  readonly notOpened?: Reason | null;
}

/** A release as results name it. */
function refTo({ release }: KnownRelease): PublishedChannel["to"] {
  return { release_id: release.id, version: release.version, build: release.build };
}

/** The channel as the record left it, where it is `auto`. */
export function autoRow(name: string, done: RecordDone): AskedChannel {
  const { move, from, known } = done;
  const reasons = move?.status === "refused" ? move.reasons : [];
  const row = {
    name,
    mode: "auto",
    status: move?.status ?? "unchanged",
    from,
    to: refTo(known),
    proposal: null,
    reasons: reasons.map(({ message }) => message),
  } as const;
  return { row, reasons };
}

/** Opens the proposal for a gated channel, or finds it; a channel that is there already is left alone. */
export async function gatedRow(
  desk: PublishDesk,
  act: Act,
  decisions: Decisions,
  name: string,
  known: KnownRelease,
  wish: PublishWish,
): Promise<AskedChannel> {
  const { release } = known;
  const facts = await openState(desk.ground);
  const { pointer } = await channelNow(facts, decisions, release.app_id, name);
  const from =
    pointer === null ? null : { release_id: pointer.release_id, version: pointer.version, build: pointer.build };
  const row = {
    name,
    mode: "gated",
    from,
    to: refTo(known),
    proposal: null,
    reasons: [] as readonly string[],
  } as const;
  if (pointer?.release_id === release.id) return { row: { ...row, status: "unchanged" }, reasons: [] };
  // A dry run has no release that a proposal could be made from.
  if (desk.dryRun) return { row: { ...row, status: "proposed" }, reasons: [] };
  const proposed = await proposeMove(desk.ground, act, {
    app: release.app_id,
    channel: name,
    kind: "promotion",
    reason: `published with ${name} asked for`,
    rollout: 100,
    requestedRun: wish.requestedRun,
    signer: await signerFor(decisions.policy.document, act, wish.signer),
    dryRun: desk.dryRun,
    find: (view) => promotable(view, decisions, known),
  });
  if (isRefused(proposed)) {
    const reasons = proposed.refused.map(({ message }) => message);
    return { row: { ...row, status: "refused", reasons }, reasons: proposed.refused };
  }
  const { notOpened } = proposed;
  const proposal = { id: proposed.proposal.id, url: notOpened?.compareUrl ?? proposed.proposal.url };
  return { row: { ...row, status: "proposed", proposal }, reasons: [], notOpened: notOpened?.why ?? null };
}
