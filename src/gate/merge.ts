import type { Act } from "../kernel/act.ts";
import { isRefused, type Reason, type Refused, reason, refuse, ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import { openState } from "../state/transact.ts";
import type { Decision, Decisions } from "./core/decisions.ts";
import type { RuleResult, Verdict } from "./core/verdict.ts";
import { decisionKindAt } from "./decision-kind.ts";
import type { GateGround } from "./ground.ts";
import { mergeBranch } from "./merge-branch.ts";
import { readOpen } from "./open-proposal.ts";
import { type Synced, syncGate } from "./sync.ts";
import { verdictOf } from "./verdict.ts";
import { loadHistory, type LoadedDecisions } from "./view.ts";

/** Times that a merge is judged anew while decisions move. */
const MAX_TRIES = 10;
const TITLE_LENGTH = 300;

/** A proposal that is merged and in force, now or since earlier. */
export interface Merged {
  readonly decision: Decision;
  readonly title: string;
  readonly commit: Oid;
  /** False where it had been merged before. */
  readonly created: boolean;
  /** Null in a dry run. */
  readonly synced: Synced | null;
}

/**
 * Merges a proposal whose verdict is green, with both parents, and then does what `gate sync` does. Otherwise refuses with
 * `gate.merge.refused` or `gate.merge.waiting` and the rules that are not met. A crash after the merge leaves the sync to the next run.
 */
export async function mergeProposal(
  ground: GateGround,
  act: Act,
  id: string,
  options: { readonly dryRun?: boolean } = {},
): Promise<Merged | Refused> {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const history = await loadHistory(ground);
    if (history.decisions.isUsed(id)) return alreadyMerged(ground, act, history, id);
    const open = await readOpen(ground.store, history, id, act.at);
    const facts = await openState(ground);
    const verdict = await verdictOf({ ...ground, facts, decisions: history.decisions }, open);
    const { decision } = open.judgement;
    if (verdict.colour !== "green" || decision === null) return notGreen(id, verdict);
    if (options.dryRun === true) return { ...titled(ground, history.decisions, decision), created: true, synced: null };
    const merged = await mergeBranch(ground, history, { proposal: open.proposal, head: open.proposal.head, act });
    if (!isRefused(merged)) return inForce(ground, act, id);
    if (merged.refused[0].code !== "state.push.conflict") return merged;
  }
  throw new ToolError(
    "state.push.conflict",
    `Decisions kept moving while ${printable(id)} was merged (${MAX_TRIES} tries)`,
    {
      data: { proposal_id: printable(id), tries: MAX_TRIES },
      hints: ["Run the same command again"],
    },
  );
}

async function inForce(ground: GateGround, act: Act, id: string): Promise<Merged | Refused> {
  const { decisions } = await loadHistory(ground);
  const decision = decisions.merged.find(({ proposalId }) => proposalId === id);
  if (decision === undefined) return notHonoured(decisions, id);
  return { ...titled(ground, decisions, decision), created: true, synced: await syncGate(ground, act) };
}

async function alreadyMerged(
  ground: GateGround,
  act: Act,
  { decisions }: LoadedDecisions,
  id: string,
): Promise<Merged | Refused> {
  const decision = decisions.merged.find(({ proposalId }) => proposalId === id);
  if (decision === undefined) return notHonoured(decisions, id);
  return { ...titled(ground, decisions, decision), created: false, synced: await syncGate(ground, act) };
}

/** A decision with the title that it had as a proposal: what it follows is the one before it. */
function titled(ground: GateGround, decisions: Decisions, decision: Decision) {
  const kind = decisionKindAt(ground.decisionKinds, decision.path);
  const history = decisions.history(decision.path);
  const at = history.findIndex(({ proposalId }) => proposalId === decision.proposalId);
  const title = kind?.title(decision.document, history[at + 1]) ?? decision.path;
  return { decision, commit: decision.commit, title: printable(title, TITLE_LENGTH) };
}

function notHonoured(decisions: Decisions, id: string): Refused {
  const merge = [...decisions.pending, ...decisions.dishonoured].find(({ proposalId }) => proposalId === id);
  const message = `${printable(id)} is merged and changed nothing: ${merge?.message ?? "its id was used before"}`;
  const isPending = decisions.pending.some(({ proposalId }) => proposalId === id);
  const code = isPending ? "gate.decision.pending" : "gate.decision.dishonoured";
  const data = { proposal_id: printable(id), condition: merge?.condition ?? "shape", commit: merge?.commit ?? null };
  return refuse(reason(code, message, data, isPending ? "waybill gate sync" : "Propose it again"));
}

function notGreen(id: string, verdict: Verdict): Refused {
  const broken = verdict.rules.filter(({ status }) => status !== "ok");
  const isRefusal = broken.some(({ status }) => status === "refuse");
  const code = isRefusal
    ? "gate.merge.refused"
    : verdict.colour === "unknown"
      ? "gate.verdict.unknown"
      : "gate.merge.waiting";
  const says = isRefusal ? "may not be merged" : "waits";
  const rows = broken.map(({ rule, message }) => `${rule}: ${message}`).join("; ");
  const data = { proposal_id: printable(id), head: verdict.head, rules: verdict.rules.map(rowData) };
  const hint = isRefusal
    ? `waybill gate reject ${printable(id)}, then propose again`
    : `waybill gate show ${printable(id)}`;
  const first: Reason = reason(code, `${printable(id)} ${says}. ${rows}`, data, hint);
  return refuse(first);
}

function rowData({ rule, status, message }: RuleResult): { readonly [key: string]: string } {
  return { rule, status, message };
}
