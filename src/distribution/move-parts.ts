import { printable } from "../kernel/text.ts";
import { notOpenedPart } from "../gate/result-parts.ts";
import type { Proposed } from "../gate/propose/proposal.ts";
import type { ChannelPointerV1, ProposalRef, ReleaseRef, ReleaseV1, VerdictSummary } from "../schema/types.gen.ts";

/** A release as results name it. */
export function refOf(release: ReleaseV1): ReleaseRef {
  return { release_id: release.id, version: release.version, build: release.build };
}

/** The release of a pointer as results name it. */
export function refOfPointer(pointer: ChannelPointerV1 | null | undefined): ReleaseRef | null {
  return pointer ? { release_id: pointer.release_id, version: pointer.version, build: pointer.build } : null;
}

/** A proposal as the commands that opened or found it show it. */
export function proposalParts(proposed: Proposed<"channel-pointer.v1" | "yank.v1" | "policy.v1">): {
  readonly status: "proposed" | "waiting";
  readonly proposal: ProposalRef;
  readonly verdict: VerdictSummary;
} {
  const { proposal, document, verdict, created, notOpened } = proposed;
  return {
    status: created ? "proposed" : "waiting",
    proposal: {
      id: proposal.id,
      number: proposal.number,
      url: proposal.url,
      not_opened: notOpenedPart(notOpened),
      open_since: document.requested_at,
    },
    verdict: {
      colour: verdict.colour,
      rules: verdict.rules.map(({ rule, status, message }) => ({ rule, status, message: printable(message, 500) })),
    },
  };
}
