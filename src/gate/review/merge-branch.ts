import type { Act } from "../../kernel/act.ts";
import { reason, type Refused, refuse } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Proposal } from "../../ports/forge.ts";
import type { GitStore } from "../../ports/git-store.ts";
import { DECISIONS } from "../../state/branches.ts";
import { filesAt, loadHead } from "../view/load-merge.ts";
import type { LoadedDecisions } from "../view/view.ts";

const DEADLINE_MS = 60_000;

/**
 * Merges a proposal where there is no forge: a commit of two parents, made only while decisions are as they were in `history`. The
 * whole tree is read, so that any decision in between is judged anew.
 */
export async function mergeBranch(
  { store, clock }: { readonly store: GitStore; readonly clock: Clock },
  { decisions, isOnHistory }: LoadedDecisions,
  { proposal, head, act }: { readonly proposal: Proposal; readonly head: Oid; readonly act: Act },
): Promise<{ readonly commit: Oid } | Refused> {
  const side = await loadHead(store, head, isOnHistory);
  if (typeof side === "string") return refuse(reason("gate.merge.refused", `${printable(proposal.id)} ${side}`));
  const files = await filesAt(store, head, side.changes);
  const [root] = await store.read(decisions.tip, [""]);
  const change = {
    act,
    reads: new Map([["", root?.oid ?? null]]),
    writes: new Map(side.changes.map(({ path, after }) => [path, after === null ? null : (files.get(path) ?? null)])),
    message: `Merge ${proposal.id}`,
    merge: head,
  };
  const applied = await store.apply(DECISIONS, change, new Date(clock.now().getTime() + DEADLINE_MS));
  if ("commit" in applied) return { commit: applied.commit };
  return refuse(reason("state.push.conflict", `${DECISIONS} moved while ${proposal.id} was merged`));
}
