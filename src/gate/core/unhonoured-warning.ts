import { type Reason, reason } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { Unhonoured } from "./decisions.ts";
import { pendingRemedy } from "./pending.ts";

/** Paths that a warning names in its sentence; its data has all. */
const MAX_NAMED = 10;

/** What a warning says of a merge that changed nothing. */
export interface UnhonouredMerge extends Pick<Unhonoured, "paths" | "proposalId" | "message"> {
  readonly commit: Oid;
  readonly condition: string;
}

/** Warns of a merge whose proof is not there yet. */
export function pendingWarning({ commit, paths, proposalId, condition, message: why }: UnhonouredMerge): Reason {
  const message = `${proposalId} is merged, its proof is not recorded yet; what was before stays in force until then`;
  return reason("gate.decision.pending", message, { commit, paths, condition }, pendingRemedy(why));
}

/** Warns of a merge that does not conform. */
export function dishonouredWarning({ commit, paths, proposalId, condition, message }: UnhonouredMerge): Reason {
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : "";
  const what = `${paths.slice(0, MAX_NAMED).join(", ")}${more}`;
  const text = `The commit ${shortOid(commit)} did not change ${what}: ${message}. What was before stays in force`;
  const data = { commit, paths, proposal_id: proposalId, condition };
  return reason("gate.decision.dishonoured", text, data, "Check it: waybill state verify", "Propose it again");
}
