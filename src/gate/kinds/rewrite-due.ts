import { type Reason, reason, ToolError } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import { STATE } from "../../state/branches.ts";
import type { Decisions } from "../core/decisions.ts";
import { rewriteDecisions } from "./rewrite.ts";

/** Says that the facts at this tip were decided to give way to others, and that the branch has not been moved there yet; else null. */
export function rewriteDue(decisions: Decisions, tip: Oid): Reason | null {
  const due = rewriteDecisions(decisions).find(({ rewrite }) => rewrite.old.commit === tip);
  if (due === undefined) return null;
  const { old, new: next } = due.rewrite;
  return reason(
    "state.rewrite.due",
    `${STATE} is to be moved from ${shortOid(old.commit)} to ${shortOid(next.commit)}, as ${due.decision.proposalId} decided; what is written before that is lost`,
    { proposal_id: due.decision.proposalId, old: old.commit, new: next.commit },
    `git push --force-with-lease=${STATE}:${old.commit} <remote> ${next.commit}:refs/heads/${STATE}`,
  );
}

/** Refuses to write facts that the move of the branch would drop. Throws `state.rewrite.due`. */
export function refuseLostFacts(decisions: Decisions, tip: Oid): void {
  const due = rewriteDue(decisions, tip);
  if (due !== null) throw new ToolError("state.rewrite.due", due.message, { data: due.data, hints: due.hints });
}
