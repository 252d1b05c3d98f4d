import type { Act } from "../../kernel/act.ts";
import type { Reason } from "../../kernel/errors.ts";
import type { AnnounceOn } from "./announce.ts";
import { judgeOpen } from "../review/judge-open.ts";
import type { OpenProposal } from "../review/open-proposal.ts";
import { presentProposal } from "../page/present.ts";
import { verdictOf } from "../review/verdict.ts";
import type { LoadedDecisions } from "../view/view.ts";

/** A pushed branch that a person must open, because the forge does not let the tool do it. */
export interface NotOpened {
  readonly compareUrl: string;
  readonly why: Reason;
}

/**
 * Opens the pull request of a pushed proposal, or finds it, and judges the proposal with what the forge then says. Where the forge
 * does not permit it, the branch stays, and a person can open it.
 */
export async function openPull(
  on: AnnounceOn,
  history: LoadedDecisions,
  act: Act,
  open: OpenProposal,
): Promise<OpenProposal & { readonly notOpened?: NotOpened }> {
  const { ground, facts, decisions } = on;
  const { forge, decisionKinds } = ground;
  const { proposal } = open;
  if (forge === undefined || proposal.number !== null) return open;
  const verdict = await verdictOf({ ...ground, facts, decisions }, open);
  const { page } = await presentProposal({ decisionKinds, facts, decisions, forge }, open, verdict);
  const opened = await forge.open({ id: proposal.id, head: proposal.head, base: proposal.base }, page);
  const named = { id: proposal.id, head: proposal.head };
  if ("proposal" in opened) return judgeOpen(ground, history, { ...named, pull: opened.proposal }, act);
  const { compareUrl, why } = opened;
  return { ...(await judgeOpen(ground, history, named, act)), notOpened: { compareUrl, why } };
}
