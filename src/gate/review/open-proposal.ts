import type { ToolError } from "../../kernel/errors.ts";
import { isOpaqueId } from "../../kernel/ids.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Proposal } from "../../ports/forge.ts";
import type { GitStore } from "../../ports/git-store.ts";
import { PROPOSALS } from "../../state/branches.ts";
import { type Judgement, judge, withoutDecision } from "../core/judge.ts";
import type { FileChange, HeadData, MergeData } from "../core/merge-data.ts";
import type { RuleResult } from "../core/verdict.ts";
import { filesAt, loadHead } from "../view/load-merge.ts";
import type { LoadedDecisions } from "../view/view.ts";

/** A proposal that is open, judged as if it were merged now. */
export interface OpenProposal {
  readonly proposal: Proposal;
  readonly judgement: Judgement;
  /** Its pull request as the forge has it; null where there is none, or no forge. */
  readonly pull: Proposal | null;
  /** Why the forge did not answer; absent where it did. */
  readonly unread?: ToolError;
  /** Where a person opens the pull request that it should have and has not; absent where it has one, or needs none. */
  readonly opensAt?: string;
}

/** What judging an open proposal adds to its branch: the pull request, and rows about it. */
export interface PullRows {
  readonly pull: Proposal | null;
  readonly said: MergeData["said"];
  /** Refusals of rules that a judgement has, and further rules of their own. */
  readonly rows: readonly RuleResult[];
  readonly unread?: ToolError;
  readonly opensAt?: string;
}

/** Asks a forge about a proposal whose branch was judged without it. */
export type AskForge = (judged: Judgement) => Promise<PullRows>;

/** Ids and heads of open proposals, by code point of id. A branch whose name is no id is not a proposal. */
export async function openHeads(store: GitStore): Promise<ReadonlyMap<string, Oid>> {
  const branches = await store.branches(PROPOSALS);
  const named = [...branches].map(([branch, head]) => [branch.slice(PROPOSALS.length), head] as const);
  return new Map(named.filter(([id]) => isOpaqueId(id)));
}

/**
 * Judges an open proposal against the view, at a time, as the fold would judge its merge; with `ask`, by what a forge says of it and at
 * the time when it said so. Use `judgeOpen` where there may be a forge.
 */
export async function judgeProposal(
  store: GitStore,
  history: LoadedDecisions,
  named: { readonly id: string; readonly head: Oid },
  at: string,
  ask?: AskForge,
): Promise<OpenProposal> {
  const { decisions, on } = history;
  const head = await loadHead(store, named.head, history.isOnHistory);
  const changes = typeof head === "string" ? [] : head.changes;
  const files = await filesAt(store, named.head, changes);
  const merge = imaginedMerge(decisions.tip, named.head, { head, changes, files, at });
  const alone = judge(on, decisions, merge);
  const asked = (await ask?.(alone)) ?? NOT_ASKED;
  const { said } = asked;
  const judged = said === undefined ? alone : judge(on, decisions, { ...merge, at: said.answers.at, said });
  const rows = [...(await movedSince(store, decisions.tip, changes)), ...idRow(judged, named.id), ...asked.rows];
  const base = typeof head === "string" ? decisions.root : head.base;
  return { judgement: rows.reduce(withRow, judged), ...placeOf({ ...named, base }, asked) };
}

const NOT_ASKED: PullRows = { pull: null, said: undefined, rows: [] };

function placeOf(
  named: Pick<Proposal, "id" | "head" | "base">,
  { pull, unread, opensAt }: PullRows,
): Omit<OpenProposal, "judgement"> {
  const at = { number: pull?.number ?? null, url: pull?.url ?? null };
  const proposal: Proposal = { ...named, ...at, state: "open", merge: null, foreign: false };
  return {
    proposal,
    pull,
    ...(unread === undefined ? {} : { unread }),
    ...(opensAt === undefined ? {} : { opensAt }),
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

/** A pull request that is no proposal of this repository: nothing of it is read, and it is refused. */
export function foreignProposal(pull: Proposal): OpenProposal {
  const message = pull.foreign
    ? "it comes from another repository; a proposal is a branch of this one"
    : "its branch is no proposal's; proposals are opened by waybill, on waybill/proposal/<id>";
  const judgement = withoutDecision({ rule: "origin", status: "refuse", message });
  return { proposal: pull, judgement, pull };
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

/** Tells a rule about what a proposal is from one about who agrees: where it refuses, only another proposal helps. */
export function isAboutForm(rule: string): boolean {
  return rule === "shape" || rule === "origin" || rule === "base";
}

/** The branch is named after the proposal, so that nobody approves one and merges another. */
function idRow(judged: Judgement, id: string): readonly RuleResult[] {
  if (judged.proposalId === null || judged.proposalId === id) return [];
  return [{ rule: "shape", status: "refuse", message: `the branch of ${printable(id)} holds ${judged.proposalId}` }];
}

/** Puts a row that is not ok in the place of an ok one of its name, or after the first; what refused before stays. */
function withRow(judged: Judgement, row: RuleResult): Judgement {
  const same = judged.rules.find((other) => other.rule === row.rule);
  const [first, ...rest] = judged.rules;
  const rules =
    same === undefined
      ? [...(first === undefined ? [] : [first]), row, ...rest]
      : judged.rules.map((other) => (other === same && other.status === "ok" ? row : other));
  if (row.status === "ok") return { ...judged, rules };
  return { ...judged, rules, condition: judged.condition ?? "shape", decision: null, pending: false };
}
