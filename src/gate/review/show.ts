import type { Act } from "../../kernel/act.ts";
import { sha256Hex } from "../../kernel/digest.ts";
import type { Reason } from "../../kernel/errors.ts";
import type { DocumentName, Documents, GateDocument, GateProposal, GateShowResultV1 } from "../../schema/types.gen.ts";
import { openState } from "../../state/transact.ts";
import type { View } from "../../state/view.ts";
import type { Decisions, Unhonoured } from "../core/decisions.ts";
import type { Subject } from "../core/judge.ts";
import type { GateGround } from "../ground.ts";
import { isForgeError } from "../forge-error.ts";
import { changesOf } from "../page/changes.ts";
import type { DescribeOn } from "../page/description.ts";
import { readOpen, type WhichProposal, whichProposal } from "./read-open.ts";
import { decisionPart, mergedPart, openPart, verdictPart } from "../result-parts.ts";
import { verdictOf } from "./verdict.ts";
import { loadHistory, type LoadedDecisions, warningsOf } from "../view/view.ts";

type Shown = Omit<GateShowResultV1, "schema">;

const NOTHING = {
  verdict: null,
  approvals: null,
  decision: null,
  decision_sha256: null,
  problem: null,
  document: null,
  changes: [],
};

/** Shows a proposal: open with its verdict, merged with its proof, or merged in vain with the reason. Throws `gate.proposal.not_found`. */
export async function showProposal(
  ground: GateGround,
  act: Act,
  which: string,
): Promise<{ readonly result: GateShowResultV1; readonly warnings: readonly Reason[] }> {
  const named = await whichProposal(ground, which);
  const { id } = named;
  const history = await loadHistory(ground);
  const { decisions } = history;
  const merged = showMerged(ground, decisions, id) ?? showInVain(decisions, id);
  const shown =
    merged === undefined ? await showOpen(ground, act, history, named) : await withPull(ground, named, merged);
  return { result: { schema: "gate-show-result.v1", ...shown }, warnings: warningsOf(decisions) };
}

function showMerged(ground: GateGround, decisions: Decisions, id: string): Shown | undefined {
  const decision = decisions.merged.find(({ proposalId }) => proposalId === id);
  if (decision === undefined) return undefined;
  return {
    ...NOTHING,
    proposal: mergedPart(ground.decisionKinds, decisions, decision),
    decision: decisionPart(decision),
    decision_sha256: decision.sha256,
    document: documentPart(decision.document),
  };
}

function showInVain(decisions: Decisions, id: string): Shown | undefined {
  const isIt = ({ proposalId }: Unhonoured) => proposalId === id;
  const pending = decisions.pending.find(isIt);
  const merge = pending ?? decisions.dishonoured.find(isIt);
  if (merge === undefined) return undefined;
  const proposal: GateProposal = {
    id,
    number: null,
    url: null,
    state: pending === undefined ? "not_honoured" : "pending",
    kind: null,
    title: null,
    path: merge.paths[0] ?? null,
    requested_by: null,
    requested_at: null,
    reason: null,
    base: null,
    head: merge.commit,
  };
  return { ...NOTHING, proposal, problem: { condition: merge.condition, message: merge.message } };
}

/** Names the pull request of what is merged, where the forge still says which it was. */
async function withPull({ forge }: GateGround, { id, pull }: WhichProposal, shown: Shown): Promise<Shown> {
  const found = pull ?? (await forge?.find(id).catch(ignoreForge)) ?? null;
  return found === null ? shown : { ...shown, proposal: { ...shown.proposal, number: found.number, url: found.url } };
}

function ignoreForge(cause: unknown): null {
  if (isForgeError(cause)) return null;
  throw cause;
}

async function showOpen(ground: GateGround, act: Act, history: LoadedDecisions, named: WhichProposal): Promise<Shown> {
  const open = await readOpen(ground, history, named, act);
  const facts = await openState(ground);
  const verdict = await verdictOf({ ...ground, facts, decisions: history.decisions }, open);
  const { subject } = open.judgement;
  return {
    ...NOTHING,
    proposal: openPart(ground.decisionKinds, history.decisions, open),
    verdict: verdictPart(verdict),
    approvals: subject && approvalsPart(subject),
    decision_sha256: subject && sha256Hex(subject.bytes),
    document: subject && documentPart(subject.document),
    changes: subject
      ? await changesOf(describedOn(ground, facts, history.decisions), ground.decisionKinds, subject)
      : [],
  };
}

/** No link is shown here, so it does not matter where there is no forge to link to. */
function describedOn({ forge }: GateGround, facts: View, decisions: Decisions): DescribeOn {
  return { facts, decisions, forge: forge ?? { name: "git", url: "" } };
}

function approvalsPart({ approvals, requirement }: Subject): GateShowResultV1["approvals"] {
  return {
    needed: approvals.needed,
    counted: approvals.counted.map(({ person, id, method }) => ({ person, id, method })),
    not_counted: approvals.notCounted.map(({ who, why }) => ({ who, why })),
    approvers: requirement.approvers,
    requesters: approvals.requesters,
    requester_verified: approvals.requesterVerified,
    self_approved: approvals.selfApproved,
  };
}

function documentPart(document: Documents[DocumentName]): GateDocument {
  return { ...document };
}
