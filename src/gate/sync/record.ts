import type { Act } from "../../kernel/act.ts";
import { orThrow, type Reason } from "../../kernel/errors.ts";
import type { DecisionEvidenceV1 } from "../../schema/types.gen.ts";
import { isNoDocument } from "../../state/no-document.ts";
import type { Event } from "../../state/plan.ts";
import { openState, tipOf, transact } from "../../state/transact.ts";
import type { View } from "../../state/view.ts";
import type { Decision, Decisions } from "../core/decisions.ts";
import { type DecisionKind, decisionKindAt } from "../decision-kind.ts";
import { evidenceKey } from "../documents.ts";
import { evidenceOf, isSameEvidence, saysTheSame } from "./evidence.ts";
import type { GateGround } from "../ground.ts";
import { isForgeError } from "../forge-error.ts";
import { differs, type Prover, unproven } from "./prover.ts";
import { derivedEvent, eventKey, isThere, RECORDED } from "./recorded.ts";
import { rewriteDue } from "../kinds/rewrite-due.ts";

/** Newest decisions whose records are looked at in each run; older ones were, and `state verify` names what lacks. */
const WINDOW = 300;

/** What recording came to. */
export interface Recorded {
  /** Decisions whose evidence or events were written now, oldest first. */
  readonly decisions: readonly Decision[];
  readonly alarms: readonly Reason[];
  /** Decisions of which the forge did not say enough. */
  readonly unknown: readonly Reason[];
}

/** Writes evidence, events and consequences of every decision that lacks them, one commit each, oldest first. */
export async function recordDecisions(
  ground: GateGround,
  act: Act,
  decisions: Decisions,
  prover: Prover | null,
): Promise<Recorded> {
  // Facts that are about to be replaced are not written to: what comes after the old tip is lost.
  if (rewriteDue(decisions, await tipOf(ground.store)) !== null) return { decisions: [], alarms: [], unknown: [] };
  const done: Decision[] = [];
  const alarms: Reason[] = [];
  const unknown: Reason[] = [];
  for (const decision of await unrecorded(ground, decisions)) {
    const kind = decisionKindAt(ground.decisionKinds, decision.path);
    // Where evidence and forge disagree, nothing follows from either.
    if (kind === undefined || prover?.disputed.has(decision.proposalId) === true) continue;
    try {
      const made = await evidenceFor(ground, decision, kind, prover);
      alarms.push(...(await record(ground, act, { decision, kind, made })));
      done.push(decision);
    } catch (cause) {
      if (!isForgeError(cause)) throw cause;
      unknown.push(unproven(decision.commit, cause.message));
    }
  }
  return { decisions: done, alarms, unknown };
}

/** Decisions whose evidence is missing or another, or whose event is missing, oldest first. */
async function unrecorded(ground: GateGround, { merged }: Decisions): Promise<readonly Decision[]> {
  const facts = await openState(ground);
  const missing: Decision[] = [];
  const newest = merged.slice(-WINDOW).filter(({ proof }) => proof !== null);
  await fetchRecords(facts, newest);
  for (const decision of newest) {
    const found = await readEvidence(facts, decision.proposalId);
    const isRight = found !== undefined && isSameEvidence(found, decision);
    if (!isRight || !(await isThere(facts, decision.proposalId, decision.mergedAt, RECORDED))) missing.push(decision);
  }
  return missing;
}

/** Reads what the next questions ask, all at once; the view keeps it. */
async function fetchRecords(facts: View, decisions: readonly Decision[]): Promise<void> {
  const evidence = decisions.map(({ proposalId }) => evidenceKey(proposalId));
  const events = decisions.map(({ proposalId, mergedAt }) => eventKey(proposalId, mergedAt, RECORDED));
  for (const [name, keys] of [
    ["decision-evidence.v1", evidence],
    ["audit-event.v1", events],
  ] as const)
    await facts.findAll(name, keys).catch(ignoreNoDocument);
}

/** What is no document is looked at by itself when it is asked for. */
function ignoreNoDocument(cause: unknown): undefined {
  if (!isNoDocument(cause)) throw cause;
}

/** Evidence by proposal; undefined where there is none or something that is no evidence. */
async function readEvidence(facts: View, proposalId: string): Promise<DecisionEvidenceV1 | undefined> {
  try {
    return await facts.find("decision-evidence.v1", evidenceKey(proposalId));
  } catch (cause) {
    // Somebody put something else there; it is named as an alarm when it is not replaced.
    return ignoreNoDocument(cause);
  }
}

/** Evidence to write; undefined where it is made from history alone. */
async function evidenceFor(
  ground: GateGround,
  decision: Decision,
  kind: DecisionKind,
  prover: Prover | null,
): Promise<DecisionEvidenceV1 | undefined> {
  if (prover === null) return undefined;
  const made = prover.made.get(decision.proposalId);
  if (made !== undefined || decision.grade !== "signed") return made;
  const found = await readEvidence(await openState(ground), decision.proposalId);
  return found !== undefined && isSameEvidence(found, decision) ? found : prover.ofSigned(decision, kind.kind);
}

/** Commits evidence, events and consequences of one decision. Forged evidence stays, is an alarm, and stops nothing. */
async function record(
  ground: GateGround,
  act: Act,
  on: { readonly decision: Decision; readonly kind: DecisionKind; readonly made: DecisionEvidenceV1 | undefined },
): Promise<readonly Reason[]> {
  const { decision, kind, made } = on;
  const key = evidenceKey(decision.proposalId);
  const done = await transact(
    ground,
    act.step(`record-${decision.proposalId}`),
    async (facts) => ({
      isThere: (await facts.bytes("decision-evidence.v1", key)) !== undefined,
      found: await readEvidence(facts, decision.proposalId),
      state: await facts.find("state.v1", {}),
      after: await kind.afterMerge(facts, decision.document, decision),
    }),
    ({ isThere: isOld, found, state, after }) => {
      const document = made ?? evidenceOf(decision, kind.kind, state);
      return {
        writes: [...after.writes, ...(isOld ? [] : [{ name: "decision-evidence.v1", key, document } as const])],
        events: [recordedEvent(decision, kind.kind), ...after.events].map((event) =>
          derivedEvent(event, decision.proposalId, decision.mergedAt),
        ),
        subject: `${RECORDED} ${decision.proposalId}`,
        result: isOld && !isGood(found, decision, made),
      };
    },
  );
  return orThrow(done).result ? [differs(decision.proposalId, decision.commit)] : [];
}

/** Evidence that was there before is ours from an earlier run, or right by chance; of a forge's word, all must agree. */
function isGood(
  found: DecisionEvidenceV1 | undefined,
  decision: Decision,
  made: DecisionEvidenceV1 | undefined,
): boolean {
  if (found === undefined || !isSameEvidence(found, decision)) return false;
  return made === undefined || saysTheSame(found, made);
}

function recordedEvent({ proposalId, path, commit, grade }: Decision, kind: string): Event {
  return { action: RECORDED, target: ["proposal", proposalId], metadata: { kind, path, merge: commit, grade } };
}

/** Writes the evidence of a merge that does not conform by what its forge said, and its event, once. */
export async function recordDishonoured(
  ground: GateGround,
  act: Act,
  on: {
    readonly of: string;
    readonly at: string;
    readonly event: Event;
    readonly made: DecisionEvidenceV1 | undefined;
  },
): Promise<void> {
  const { made, of } = on;
  const key = evidenceKey(of);
  const done = await transact(
    ground,
    act.step(`dishonoured-${of}`),
    async (facts) => ({ isOld: made === undefined || (await facts.bytes("decision-evidence.v1", key)) !== undefined }),
    ({ isOld }) => ({
      writes: isOld || made === undefined ? [] : [{ name: "decision-evidence.v1", key, document: made } as const],
      events: [derivedEvent(on.event, of, on.at)],
      result: null,
    }),
  );
  orThrow(done);
}
