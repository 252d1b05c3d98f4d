import type { Act } from "../kernel/act.ts";
import { orThrow, ToolError } from "../kernel/errors.ts";
import { derivedEventId } from "../kernel/ids.ts";
import type { Oid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import { PROPOSALS } from "../state/branches.ts";
import { transact } from "../state/transact.ts";
import type { GateGround } from "./ground.ts";
import { readOpen } from "./open-proposal.ts";
import { loadHistory } from "./view.ts";

/** A proposal that was closed without a merge. */
export interface Rejected {
  readonly id: string;
  readonly path: string | null;
  readonly head: Oid;
}

/**
 * Closes a proposal without merging it: records `proposal.rejected` once, then removes its branch. A crash in between is finished by
 * running it again. Throws `gate.proposal.not_found`, and `gate.proposal.closed` for one that is merged.
 */
export async function rejectProposal(ground: GateGround, act: Act, id: string, why: string): Promise<Rejected> {
  const history = await loadHistory(ground);
  if (history.decisions.isUsed(id))
    throw new ToolError("gate.proposal.closed", `${printable(id)} is merged and cannot be rejected`, {
      data: { proposal_id: printable(id) },
      hints: ["To undo it, propose the decision before it again"],
    });
  const { proposal, judgement } = await readOpen(ground.store, history, id, act.at);
  const path = judgement.subject?.path ?? null;
  const { at } = await ground.store.commit(proposal.head);
  const event = {
    action: "proposal.rejected",
    target: ["proposal", id],
    metadata: { path, head: proposal.head, reason: why },
    derived: { id: derivedEventId(at, id, "proposal.rejected"), at },
  } as const;
  const done = await transact(
    ground,
    act,
    () => Promise.resolve(null),
    () => ({ writes: [], events: [event], result: null }),
  );
  orThrow(done);
  await ground.store.drop(PROPOSALS + id, proposal.head);
  return { id, path, head: proposal.head };
}
