import { ToolError } from "../kernel/errors.ts";
import { isOpaqueId } from "../kernel/ids.ts";
import type { Oid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { Proposal } from "../ports/forge.ts";
import type { GitStore } from "../ports/git-store.ts";
import { PROPOSALS } from "../state/branches.ts";
import { type Judgement, judge } from "./core/judge.ts";
import type { FileChange, HeadData, MergeData } from "./core/merge-data.ts";
import type { RuleResult } from "./core/verdict.ts";
import { filesAt, loadHead } from "./load-merge.ts";
import type { LoadedDecisions } from "./view.ts";

/** A proposal that is open, judged as if it were merged now. */
export interface OpenProposal {
  readonly proposal: Proposal;
  readonly judgement: Judgement;
}

/** Ids and heads of open proposals, by code point of id. A branch whose name is no id is not a proposal. */
export async function openHeads(store: GitStore): Promise<ReadonlyMap<string, Oid>> {
  const branches = await store.branches(PROPOSALS);
  const named = [...branches].map(([branch, head]) => [branch.slice(PROPOSALS.length), head] as const);
  return new Map(named.filter(([id]) => isOpaqueId(id)));
}

/** Judges an open proposal against the view, at a time, as the fold would judge its merge. */
export async function judgeProposal(
  store: GitStore,
  history: LoadedDecisions,
  named: { readonly id: string; readonly head: Oid },
  at: string,
): Promise<OpenProposal> {
  const { decisions, on } = history;
  const head = await loadHead(store, named.head, history.isOnHistory);
  const changes = typeof head === "string" ? [] : head.changes;
  const files = await filesAt(store, named.head, changes);
  const judged = judge(on, decisions, imaginedMerge(decisions.tip, named.head, { head, changes, files, at }));
  const moved = await movedSince(store, decisions.tip, changes);
  const mismatch = idRow(judged, named.id);
  const judgement = [...moved, ...mismatch].reduce(withRow, judged);
  const base = typeof head === "string" ? decisions.root : head.base;
  return {
    judgement,
    proposal: { ...named, number: null, base, state: "open", merge: null, url: null, foreign: false },
  };
}

/** The merge that would bring a head in now, as data. */
export function imaginedMerge(
  tip: Oid,
  head: Oid,
  parts: Pick<MergeData, "changes" | "files" | "at"> & { readonly head: HeadData | string },
): MergeData {
  return { commit: head, parents: [tip, head], committer: "", evidence: null, ...parts };
}

/** A merge must bring exactly what the proposal changes, so what it changes may not have moved meanwhile. */
async function movedSince(store: GitStore, tip: Oid, changes: readonly FileChange[]): Promise<readonly RuleResult[]> {
  const found = await store.read(
    tip,
    changes.map(({ path }) => path),
  );
  return changes
    .filter(({ before }, i) => (found[i]?.oid ?? null) !== before)
    .slice(0, 1)
    .map(({ path }) => ({
      rule: "base",
      status: "refuse",
      message: `${printable(path)} has changed since this was proposed; propose it again`,
    }));
}

/** The branch is named after the proposal, so that nobody approves one and merges another. */
function idRow(judged: Judgement, id: string): readonly RuleResult[] {
  if (judged.proposalId === null || judged.proposalId === id) return [];
  return [{ rule: "shape", status: "refuse", message: `the branch of ${printable(id)} holds ${judged.proposalId}` }];
}

/** Puts a refusal in the place of an ok row of its name; an earlier refusal stays. */
function withRow(judged: Judgement, row: RuleResult): Judgement {
  const rules = judged.rules.map((other) => (other.rule === row.rule && other.status === "ok" ? row : other));
  return { ...judged, rules, condition: judged.condition ?? "shape", decision: null, pending: false };
}

/** Finds an open proposal by id and judges it. Throws `gate.proposal.not_found`, and `gate.proposal.closed` for one that is merged. */
export async function readOpen(
  store: GitStore,
  history: LoadedDecisions,
  id: string,
  at: string,
): Promise<OpenProposal> {
  const head = (await openHeads(store)).get(id);
  if (head === undefined) throw history.decisions.isUsed(id) ? merged(id) : notFound(id);
  return judgeProposal(store, history, { id, head }, at);
}

function merged(id: string): ToolError {
  return new ToolError("gate.proposal.closed", `${printable(id)} is merged already`, {
    data: { proposal_id: printable(id) },
    hints: [`waybill gate show ${printable(id)}`],
  });
}

/** Makes the error of an id that no proposal has. */
function notFound(id: string): ToolError {
  return new ToolError("gate.proposal.not_found", `There is no proposal ${printable(id)}`, {
    data: { proposal_id: printable(id) },
    hints: ["waybill gate list"],
  });
}
