import type { View } from "../../state/view.ts";
import type { Decisions } from "../core/decisions.ts";
import type { Verdict } from "../core/verdict.ts";
import type { GateGround } from "../ground.ts";
import { isForgeError } from "../forge-error.ts";
import type { OpenProposal } from "../review/open-proposal.ts";
import { presentProposal } from "../page/present.ts";
import { isProposal } from "../review/read-open.ts";

/** What showing a proposal to people needs. */
export interface AnnounceOn {
  readonly ground: GateGround;
  readonly facts: View;
  readonly decisions: Decisions;
}

/**
 * Brings page and status of a pull request up to what its verdict says now; the forge writes only what differs. Of a pull request
 * that is no proposal only the status is written. Does nothing where there is no pull request.
 */
export async function announce(
  { ground, facts, decisions }: AnnounceOn,
  open: OpenProposal,
  verdict: Verdict,
): Promise<void> {
  const { forge, decisionKinds } = ground;
  const { proposal } = open;
  if (forge === undefined || proposal.number === null) return;
  const { page, status } = await presentProposal({ decisionKinds, facts, decisions, forge }, open, verdict);
  if (isProposal(proposal)) await forge.show(proposal, page);
  await forge.post(proposal, status);
}

/** As {@link announce}, where something else has been done that counts; what the forge refuses now, the next `gate sync` shows. */
export async function announceLater(on: AnnounceOn, open: OpenProposal, verdict: Verdict): Promise<void> {
  try {
    await announce(on, open, verdict);
  } catch (cause) {
    if (!isForgeError(cause)) throw cause;
  }
}
