import type { Act } from "../kernel/act.ts";
import { reason, type Refused, refuse } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { Clock } from "../ports/clock.ts";
import type { Forge, Proposal } from "../ports/forge.ts";
import type { GitStore } from "../ports/git-store.ts";
import { DECISIONS, PROPOSALS } from "../state/branches.ts";
import { filesAt, loadHead } from "./load-merge.ts";
import { openHeads } from "./open-proposal.ts";
import type { LoadedDecisions } from "./view.ts";

const DEADLINE_MS = 60_000;

/**
 * Proposals without a forge: a proposal is a branch, merging is a commit of two parents. There are no reviews, statuses or comments:
 * an approval is a signature. `merge` goes through only while decisions are as they were in `history`.
 */
export function localForge(on: { readonly store: GitStore; readonly clock: Clock }, history: LoadedDecisions): Forge {
  const { store } = on;
  const proposalAt = async (id: string, head: Oid): Promise<Proposal> => {
    const side = await loadHead(store, head, history.isOnHistory);
    const base = typeof side === "string" ? history.decisions.root : side.base;
    return { id, number: null, base, head, state: "open", url: null, foreign: false };
  };
  return {
    open: (id, head) => proposalAt(id, head),
    async *list() {
      for (const [id, head] of await openHeads(store)) yield await proposalAt(id, head);
    },
    async find(id) {
      const head = (await openHeads(store)).get(id);
      return head === undefined ? mergedProposal(history, id) : proposalAt(id, head);
    },
    answers: () => Promise.resolve({}),
    post: () => Promise.resolve(),
    comment: () => Promise.resolve(),
    close: (proposal) => store.drop(PROPOSALS + proposal.id, proposal.head),
    merge: (proposal, head, act) => merge(on, history, { proposal, head, act }),
    visibility: () => Promise.resolve("unknown"),
  };
}

function mergedProposal({ decisions }: LoadedDecisions, id: string): Proposal | null {
  const proof = decisions.merged.find(({ proposalId }) => proposalId === id)?.proof;
  if (!proof) return null;
  return { id, number: null, base: proof.base, head: proof.head, state: "merged", url: null, foreign: false };
}

/** Makes the merge commit; the whole tree is read, so that any decision in between is judged anew. */
async function merge(
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
