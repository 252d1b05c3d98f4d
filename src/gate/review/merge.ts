import type { Act } from "../../kernel/act.ts";
import { isRefused, type Refused, reason, refuse, ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { openState } from "../../state/transact.ts";
import type { Decision, Decisions } from "../core/decisions.ts";
import { pendingRemedy } from "../core/pending.ts";
import type { RuleResult, Verdict } from "../core/verdict.ts";
import { announceLater } from "../propose/announce.ts";
import { decisionKindAt } from "../decision-kind.ts";
import type { GateGround } from "../ground.ts";
import { mergeBranch } from "./merge-branch.ts";
import { isForgeError } from "../forge-error.ts";
import type { OpenProposal } from "./open-proposal.ts";
import { refuseForeignRepository } from "../own-repository.ts";
import { readOpen, whichProposal } from "./read-open.ts";
import { type Synced, syncGate } from "../sync/sync.ts";
import { verdictOf } from "./verdict.ts";
import { loadHistory, type LoadedDecisions } from "../view/view.ts";

/** Times that a merge is judged anew while decisions move. */
const MAX_TRIES = 10;
/** Times that a merge which the forge made is looked for in git, and how long it is waited for in between. */
const MAX_LOOKS = 6;
const LOOK_AGAIN_MS = 1_000;
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
 * `gate.merge.refused`, `gate.merge.waiting` or `gate.verdict.unknown` and the rules that are not met. A crash after the merge leaves
 * the sync to the next run.
 */
export async function mergeProposal(
  ground: GateGround,
  act: Act,
  which: string,
  options: { readonly dryRun?: boolean } = {},
): Promise<Merged | Refused> {
  const { id, pull } = await whichProposal(ground, which);
  await refuseForeignRepository(ground, await openState(ground));
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const history = await loadHistory(ground);
    if (history.decisions.isUsed(id)) return inForce(ground, act, id, false);
    const named = { id, pull: tries === 1 ? pull : null };
    const open = await readOpen(ground, history, named, act, { isMerging: true });
    const facts = await openState(ground);
    const verdict = await verdictOf({ ...ground, facts, decisions: history.decisions }, open);
    const { decision } = open.judgement;
    if (verdict.colour !== "green" || decision === null) return notGreen(open, verdict);
    if (options.dryRun === true) return { ...titled(ground, history.decisions, decision), created: true, synced: null };
    await announceLater({ ground, facts, decisions: history.decisions }, open, verdict);
    const merged = await mergeOpen(ground, history, open, act);
    if (!isRefused(merged)) {
      await untilSeen(ground, id);
      return inForce(ground, act, id, true);
    }
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

/** Merges on the forge, or where there is none in git. An answer that was lost is read back. */
async function mergeOpen(
  ground: GateGround,
  history: LoadedDecisions,
  { proposal }: OpenProposal,
  act: Act,
): Promise<{ readonly commit: Oid } | Refused> {
  const { forge } = ground;
  if (forge === undefined) return mergeBranch(ground, history, { proposal, head: proposal.head, act });
  try {
    return await forge.merge(proposal, proposal.head, `Merge ${proposal.id}`, act);
  } catch (cause) {
    const now = isForgeError(cause) ? await forge.find(proposal.number ?? proposal.id) : null;
    if (now?.state === "merged" && now.merge !== null && now.head === proposal.head) return { commit: now.merge };
    throw cause;
  }
}

/** What a forge merged may show in git a moment later. */
async function untilSeen(ground: GateGround, id: string): Promise<void> {
  for (let looks = 1; ground.forge !== undefined && looks < MAX_LOOKS; looks += 1) {
    if ((await loadHistory(ground)).decisions.isUsed(id)) return;
    await ground.clock.sleep(LOOK_AGAIN_MS);
  }
}

/** Says that a merged proposal is in force; on a forge only the sync proves it, so that comes first. */
async function inForce(ground: GateGround, act: Act, id: string, created: boolean): Promise<Merged | Refused> {
  const early = ground.forge === undefined ? null : await syncGate(ground, act);
  const { decisions } = await loadHistory(ground);
  const decision = decisions.merged.find(({ proposalId }) => proposalId === id);
  if (decision === undefined) return notHonoured(decisions, id);
  return { ...titled(ground, decisions, decision), created, synced: early ?? (await syncGate(ground, act)) };
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
  const why = merge?.message ?? (decisions.isUsed(id) ? "its id was used before" : "git does not show the merge yet");
  const message = `${printable(id)} is merged and changed nothing: ${why}`;
  const isPending = !decisions.isUsed(id) || decisions.pending.some(({ proposalId }) => proposalId === id);
  const code = isPending ? "gate.decision.pending" : "gate.decision.dishonoured";
  const data = { proposal_id: printable(id), condition: merge?.condition ?? "shape", commit: merge?.commit ?? null };
  return refuse(reason(code, message, data, isPending ? pendingRemedy(why) : "Propose it again"));
}

function notGreen({ proposal, opensAt }: OpenProposal, verdict: Verdict): Refused {
  const { id } = proposal;
  const url = proposal.url ?? opensAt ?? null;
  const broken = verdict.rules.filter(({ status }) => status !== "ok");
  const isRefusal = broken.some(({ status }) => status === "refuse");
  const code = isRefusal
    ? "gate.merge.refused"
    : broken.some(({ status }) => status === "unknown")
      ? "gate.verdict.unknown"
      : "gate.merge.waiting";
  const says = isRefusal ? "may not be merged" : "waits";
  const rows = broken.map(({ rule, message }) => `${rule}: ${message}`).join("; ");
  const data = { proposal_id: printable(id), head: verdict.head, rules: verdict.rules.map(rowData) };
  const hints = isRefusal
    ? [`waybill gate reject ${printable(id)}, then propose again`]
    : [...(url === null ? [] : [url]), `waybill gate show ${printable(id)}`];
  return refuse(reason(code, `${printable(id)} ${says}. ${rows}`, data, ...hints));
}

function rowData({ rule, status, message }: RuleResult): { readonly [key: string]: string } {
  return { rule, status, message };
}
