import type { Act } from "../kernel/act.ts";
import { orThrow, type Reason, reason } from "../kernel/errors.ts";
import { derivedEventId } from "../kernel/ids.ts";
import type { Oid } from "../kernel/oid.ts";
import { PROPOSALS } from "../state/branches.ts";
import type { Event } from "../state/plan.ts";
import { openState, transact } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import type { Decision, Decisions } from "./core/decisions.ts";
import type { Subject } from "./core/judge.ts";
import type { Verdict } from "./core/verdict.ts";
import { decisionKindAt } from "./decision-kind.ts";
import { evidenceKey } from "./documents.ts";
import { evidenceOf, isSameEvidence } from "./evidence.ts";
import type { GateGround } from "./ground.ts";
import { judgeProposal, type OpenProposal, openHeads } from "./open-proposal.ts";
import { verdictOf } from "./verdict.ts";
import { type LoadedDecisions, loadHistory, warningsOf } from "./view.ts";

/** A proposal that can never be merged because another decision of its path came first. */
export interface Superseded {
  readonly id: string;
  readonly path: string;
  /** Proposal that won; null where what stands on the tip cannot be read. */
  readonly winner: string | null;
  /** When the winner was merged; null where there is none. */
  readonly at: string | null;
  /** Command that proposes the same again; null where its kind has none. */
  readonly command: string | null;
}

/** What a sync did and saw. */
export interface Synced {
  /** Decisions whose evidence was written now, oldest first. */
  readonly recorded: readonly Decision[];
  readonly superseded: readonly Superseded[];
  readonly open: readonly (OpenProposal & { readonly verdict: Verdict })[];
  /** Proposals that are merged and whose branch was removed now. */
  readonly finished: readonly string[];
  /** Evidence that says something else than the history, and merges that changed nothing. */
  readonly alarms: readonly Reason[];
  readonly warnings: readonly Reason[];
}

/**
 * Derives what follows from merged decisions: evidence and each kind's consequences in one commit per decision, oldest first; then
 * proposals that lost, then branches that are done. Each step finds what an earlier run did, so a crash anywhere leaves work for the
 * next run and never does anything twice.
 */
export async function syncGate(ground: GateGround, act: Act): Promise<Synced> {
  const history = await loadHistory(ground);
  const { decisions } = history;
  const unrecorded = await withoutEvidence(ground, decisions);
  const alarms: Reason[] = [];
  for (const decision of unrecorded) alarms.push(...(await record(ground, act, decision)));
  const facts = await openState(ground);
  const superseded: Superseded[] = [];
  const finished: string[] = [];
  const open: (OpenProposal & { readonly verdict: Verdict })[] = [];
  for (const [id, head] of await openHeads(ground.store)) {
    if (decisions.isUsed(id)) {
      await ground.store.drop(PROPOSALS + id, head);
      finished.push(id);
      continue;
    }
    const proposal = await judgeProposal(ground.store, history, { id, head }, act.at);
    const lost = lostTo(ground, history, proposal);
    if (lost === null) open.push({ ...proposal, verdict: await verdictOf({ ...ground, facts, decisions }, proposal) });
    else {
      await supersede(ground, act, { lost, head, proposal });
      superseded.push(lost);
    }
  }
  return { recorded: unrecorded, superseded, open, finished, alarms, warnings: warningsOf(decisions) };
}

/** Decisions after the newest one whose evidence is there; evidence is written oldest first, so older ones have it. */
async function withoutEvidence(ground: GateGround, decisions: Decisions): Promise<readonly Decision[]> {
  const facts = await openState(ground);
  const missing: Decision[] = [];
  for (const decision of decisions.merged.toReversed()) {
    if (decision.proof === null) continue;
    const found = await findEvidence(facts, decision.proposalId);
    if (found !== undefined && isSameEvidence(found, decision)) break;
    missing.push(decision);
  }
  return missing.toReversed();
}

/** Evidence by proposal; undefined where there is none or something that is no evidence. */
async function findEvidence(facts: View, proposalId: string) {
  try {
    return await facts.find("decision-evidence.v1", evidenceKey(proposalId));
  } catch {
    // Somebody put something else there; it is named as an alarm when it is not replaced.
    return undefined;
  }
}

/** Commits evidence, events and consequences of one decision. Forged evidence stays, is an alarm, and stops nothing. */
async function record(ground: GateGround, act: Act, decision: Decision): Promise<readonly Reason[]> {
  const kind = decisionKindAt(ground.decisionKinds, decision.path);
  if (kind === undefined) return [];
  const key = evidenceKey(decision.proposalId);
  const done = await transact(
    ground,
    act.step(`record-${decision.proposalId}`),
    async (facts) => ({
      found: (await facts.bytes("decision-evidence.v1", key)) !== undefined,
      state: await facts.find("state.v1", {}),
      after: await kind.afterMerge(facts, decision.document, decision),
    }),
    ({ found, state, after }) => ({
      writes: [
        ...after.writes,
        ...(found
          ? []
          : [{ name: "decision-evidence.v1", key, document: evidenceOf(decision, kind.kind, state) } as const]),
      ],
      events: [recordedEvent(decision, kind.kind), ...after.events].map((event) => derivedEvent(event, decision)),
      subject: `decision.recorded ${decision.proposalId}`,
      result: found,
    }),
  );
  return orThrow(done).result ? [forged(decision)] : [];
}

function recordedEvent({ proposalId, path, commit, grade }: Decision, kind: string): Event {
  return {
    action: "decision.recorded",
    target: ["proposal", proposalId],
    metadata: { kind, path, merge: commit, grade },
  };
}

function derivedEvent(event: Event, { proposalId, mergedAt }: Decision): Event {
  return event.derived === undefined
    ? { ...event, derived: { id: derivedEventId(mergedAt, proposalId, event.action), at: mergedAt } }
    : event;
}

function forged({ proposalId, commit }: Decision): Reason {
  const message = `Evidence of ${proposalId} was there before and says something else than the history does`;
  const data = { proposal_id: proposalId, merge: commit };
  return reason("gate.evidence.differs", message, data, "Find who pushed it; the history is what counts");
}

/** Says what a proposal lost to; null where it can still be merged. */
function lostTo(
  ground: GateGround,
  { decisions }: LoadedDecisions,
  { proposal, judgement }: OpenProposal,
): Superseded | null {
  const { subject } = judgement;
  const isOutdated = judgement.rules.some(({ rule, status }) => rule === "base" && status === "refuse");
  if (subject === null || !isOutdated) return null;
  const winner = winnerOf(decisions, subject);
  const kind = decisionKindAt(ground.decisionKinds, subject.path);
  return {
    id: proposal.id,
    path: subject.path,
    winner: winner?.proposalId ?? decisions.standing(subject.path)?.proposalId ?? null,
    at: winner?.mergedAt ?? null,
    command: kind?.command?.(subject.document) ?? null,
  };
}

/** The first decision of a path after the one that a proposal was made from, so that later ones do not change the answer. */
function winnerOf(decisions: Decisions, { path, header }: Subject): Decision | undefined {
  const history = decisions.history(path);
  const from = history.findIndex(({ proposalId }) => proposalId === header.from?.proposal_id);
  return header.from === null ? history.at(-1) : history[from - 1];
}

/** Records that a proposal lost, once, and only then removes its branch. */
async function supersede(
  ground: GateGround,
  act: Act,
  on: { readonly lost: Superseded; readonly head: Oid; readonly proposal: OpenProposal },
): Promise<void> {
  const { id, path, winner, command } = on.lost;
  const { subject } = on.proposal.judgement;
  const action = subject === null ? "proposal.superseded" : supersededAction(ground, subject);
  const at = on.lost.at ?? (await ground.store.commit(on.head)).at;
  const event: Event = {
    action,
    target: ["proposal", id],
    metadata: { path, winner, command, ...appOf(subject) },
    derived: { id: derivedEventId(at, id, action), at },
  };
  await transact(
    ground,
    act.step(`supersede-${id}`),
    () => Promise.resolve(null),
    () => ({ writes: [], events: [event], result: null }),
  );
  await ground.store.drop(PROPOSALS + id, on.head);
}

/** `promotion.proposed` ends as `promotion.superseded`. */
function supersededAction(ground: GateGround, subject: Subject): string {
  const action = decisionKindAt(ground.decisionKinds, subject.path)?.proposed(subject.document).action;
  return action?.endsWith(".proposed") === true ? action.replace(/proposed$/, "superseded") : "proposal.superseded";
}

function appOf(subject: Subject | null): { readonly app?: string } {
  return subject !== null && "app" in subject.document && typeof subject.document.app === "string"
    ? { app: subject.document.app }
    : {};
}
