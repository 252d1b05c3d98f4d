import type { Act } from "../../kernel/act.ts";
import { ToolError } from "../../kernel/errors.ts";
import { derivedEventId } from "../../kernel/ids.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { PROPOSALS } from "../../state/branches.ts";
import { openState } from "../../state/transact.ts";
import type { GateGround } from "../ground.ts";
import { inline } from "../../kernel/markdown.ts";
import { isProposal, readOpen, type WhichProposal, whichProposal } from "./read-open.ts";
import { refuseForeignRepository } from "../own-repository.ts";
import { recordEvent } from "../propose/record-event.ts";
import { loadHistory } from "../view/view.ts";

/** A proposal that was closed without a merge. */
export interface Rejected {
  readonly id: string;
  readonly path: string | null;
  readonly head: Oid;
  /** People whose signatures stay good: who has kept the branch can merge it while the decision before it is in force. */
  readonly signers: readonly string[];
}

/**
 * Closes a proposal without merging it: records `proposal.rejected` once, says so on its pull request and closes that, then removes its
 * branch. A crash in between is finished by running it again. A pull request that is no proposal is closed too.
 * Throws `gate.proposal.not_found`, and `gate.proposal.closed` for one that is merged.
 */
export async function rejectProposal(ground: GateGround, act: Act, which: string, why: string): Promise<Rejected> {
  const named = await whichProposal(ground, which);
  const { id } = named;
  const history = await loadHistory(ground);
  await refuseForeignRepository(ground, await openState(ground));
  if (history.decisions.isUsed(id))
    throw new ToolError("gate.proposal.closed", `${printable(id)} is merged and cannot be rejected`, {
      data: { proposal_id: printable(id) },
      hints: ["To undo it, propose the decision before it again"],
    });
  const isOurs = named.pull === null || isProposal(named.pull);
  const { proposal, judgement } = await readOpen(ground, history, named, act);
  const path = judgement.subject?.path ?? null;
  // The head of a fork's is not ours to read.
  const { at } = isOurs ? await ground.store.commit(proposal.head) : act;
  await recordEvent(ground, act, {
    action: "proposal.rejected",
    target: ["proposal", id],
    metadata: { path, head: proposal.head, reason: why },
    derived: { id: derivedEventId(at, id, "proposal.rejected"), at },
  });
  await closePull(ground, named, why);
  if (isOurs) await ground.store.drop(PROPOSALS + id, proposal.head);
  const counted = judgement.subject?.approvals.counted ?? [];
  const signers = counted.flatMap(({ person, method }) => (method === "signature" ? [person] : []));
  return { id, path, head: proposal.head, signers };
}

async function closePull({ forge }: GateGround, { id, pull }: WhichProposal, why: string): Promise<void> {
  const found = pull ?? (await forge?.find(id)) ?? null;
  if (forge === undefined || found?.state !== "open") return;
  await forge.comment(found, "rejected", inline("Closed without a merge, so nothing has moved: ", why));
  await forge.close(found);
}
