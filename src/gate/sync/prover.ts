import { type Reason, reason } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Forge, Proposal } from "../../ports/forge.ts";
import type { DecisionEvidenceV1, StateV1 } from "../../schema/types.gen.ts";
import { openState } from "../../state/transact.ts";
import { isAttested } from "../core/attested.ts";
import type { Decision, Decisions } from "../core/decisions.ts";
import { attestedBytes } from "../core/evidence.ts";
import { type Judgement, judge } from "../core/judge.ts";
import type { MergeData } from "../core/merge-data.ts";
import { EVIDENCE_NAMESPACE } from "../core/ssh/sshsig.ts";
import { decisionKindAt, findKindIn } from "../decision-kind.ts";
import { evidenceKey } from "../documents.ts";
import { evidenceSigner } from "../view/bundle-signer.ts";
import { attest, evidenceOf, saysTheSame } from "./evidence.ts";
import type { GateGround } from "../ground.ts";
import { isForgeError } from "../forge-error.ts";
import { type MergedPulls, mergedPulls } from "./merged-pulls.ts";
import { isProposal } from "../review/read-open.ts";
import { DISHONOURED, isThere as isEventThere, RECORDED } from "./recorded.ts";
import { type EvidenceSource, findEvidence } from "../view/view.ts";
import { type Vouch, vouchedByKey } from "./vouch.ts";

/** Makes evidence of merges from what the forge answers, while the history is folded. */
export interface Prover {
  /** Evidence that is there and right, else what the forge says; null where it cannot say. */
  readonly source: EvidenceSource;
  /** Evidence to be written, by proposal, in order of merge. */
  readonly made: ReadonlyMap<string, DecisionEvidenceV1>;
  /** Merges of which the forge did not say enough. */
  readonly unknown: readonly Reason[];
  /** Evidence that is there and says something else than the forge. */
  readonly alarms: readonly Reason[];
  /** Proposals of those alarms. */
  readonly disputed: ReadonlySet<string>;
  /** The pull request of a merge; null where the forge knows none. */
  readonly byMerge: MergedPulls["byMerge"];
  /** Evidence of a decision whose signatures prove it, with what the forge says of its merge. */
  ofSigned(decision: Decision, kind: string): Promise<DecisionEvidenceV1>;
}

/**
 * Makes a prover. It derives evidence from the forge and never from a document that is there. Evidence gets an attestor's word from
 * `vouch`: by the key of this run without it.
 */
export async function proverOn(
  ground: GateGround,
  forge: Forge,
  vouch: Vouch = vouchedByKey(ground.attestor ?? null),
): Promise<Prover> {
  const pulls = mergedPulls(forge);
  const byMerge: Prover["byMerge"] = (commit, proposalId) => pulls.byMerge(commit, proposalId);
  const made = new Map<string, DecisionEvidenceV1>();
  const unknown: Reason[] = [];
  const alarms: Reason[] = [];
  const disputed = new Set<string>();
  const dispute = (proposalId: string, merge: Oid) => {
    disputed.add(proposalId);
    alarms.push(differs(proposalId, merge));
  };
  const state = await (await openState(ground)).find("state.v1", {});
  const asking = { ground, forge, state, vouch, byMerge };
  return {
    made,
    unknown,
    alarms,
    disputed,
    byMerge,
    async source(before, merge, proposalId) {
      const found = await findEvidence(ground, proposalId);
      const isThere = found !== null || (await hasFile(ground, proposalId));
      if (found !== null && (await isSettled(ground, before, merge, found))) return found;
      const answer = await askedOf(asking, before, merge, proposalId);
      if ("reason" in answer) unknown.push(answer.reason);
      else if (!isThere) made.set(proposalId, answer.evidence);
      else if (found === null || !saysTheSame(found, answer.evidence) || (await isWorthLess(before, found, answer)))
        dispute(proposalId, merge.commit);
      return isThere || "reason" in answer ? found : answer.evidence;
    },
    ofSigned: (decision, kind) => evidenceOfSigned(asking, decision, kind),
  };
}

interface Asking {
  readonly ground: GateGround;
  readonly forge: Forge;
  readonly state: StateV1 | undefined;
  readonly vouch: Vouch;
  readonly byMerge: Prover["byMerge"];
}

interface Vouched {
  readonly evidence: DecisionEvidenceV1;
  readonly isSignedByPolicy: boolean;
}

type Answer = Vouched | { readonly reason: Reason };

/** What the forge says of one merge, as evidence. */
async function askedOf(on: Asking, before: Decisions, merge: MergeData, proposalId: string): Promise<Answer> {
  try {
    const pull = await on.byMerge(merge.commit, proposalId);
    return pull === null
      ? unsaid(merge, "no pull request was merged as it")
      : await evidenceFrom(on, before, merge, pull);
  } catch (cause) {
    if (isForgeError(cause)) return unsaid(merge, cause.message);
    throw cause;
  }
}

async function evidenceFrom(on: Asking, before: Decisions, merge: MergeData, pull: Proposal): Promise<Answer> {
  const alone = judgedBy(on.ground, before, merge);
  const run = alone.subject?.header.requested_run ?? null;
  const answers = await on.forge.answers(pull, run);
  if (answers.merged?.commit !== merge.commit) return unsaid(merge, `#${pull.number ?? 0} was not merged as it`);
  const isOther = pull.id !== alone.proposalId || pull.head !== merge.parents[1];
  const said = { answers, foreign: isOther || !isProposal(pull), merger: null };
  const judged = judgedBy(on.ground, before, { ...merge, said });
  const { considered, subject } = judged;
  if (considered === null || subject === null) return unsaid(merge, "its form is wrong");
  if (judged.pending) return unsaid(merge, subject.approvals.unknown.join("; "));
  const kind = decisionKindAt(on.ground.decisionKinds, considered.path)?.kind ?? "unknown";
  const about = { number: pull.number ?? 0, merged: answers.merged };
  const plain = evidenceOf(considered, kind, on.state, about, subject.approvals.notCounted);
  return signedFor(on, before, { plain, asksAttestor: subject.requirement.proof === "attested" }, merge);
}

/** Lets an attestor vouch; evidence that policy would not believe is not written, because it could never be replaced. */
async function signedFor(
  { vouch }: Asking,
  before: Decisions,
  { plain, asksAttestor }: { readonly plain: DecisionEvidenceV1; readonly asksAttestor: boolean },
  merge: MergeData,
): Promise<Answer> {
  const vouched = await vouch(before, plain);
  if (asksAttestor && "why" in vouched) return unsaid(merge, vouched.why);
  return { evidence: "why" in vouched ? plain : vouched, isSignedByPolicy: asksAttestor };
}

/** Evidence for which no attestor vouches stands where policy believes only an attestor's. */
async function isWorthLess(before: Decisions, found: DecisionEvidenceV1, answer: Vouched): Promise<boolean> {
  if (!answer.isSignedByPolicy) return false;
  const bundleBy = await evidenceSigner(before, found);
  const on = { namespace: EVIDENCE_NAMESPACE, bytes: attestedBytes(found), policy: before.policy.document, bundleBy };
  return !isAttested(found, on);
}

async function evidenceOfSigned(on: Asking, decision: Decision, kind: string): Promise<DecisionEvidenceV1> {
  const pull = await on.byMerge(decision.commit, decision.proposalId);
  const answers = pull === null ? null : await on.forge.answers(pull, null);
  const merged = answers?.merged?.commit === decision.commit ? answers.merged : null;
  const about = pull === null || merged === null ? null : { number: pull.number ?? 0, merged };
  const plain = evidenceOf(decision, kind, on.state, about);
  const { attestor } = on.ground;
  return attestor === undefined ? plain : attest(plain, attestor);
}

function judgedBy({ decisionKinds, schemas }: GateGround, before: Decisions, merge: MergeData): Judgement {
  return judge({ findKind: findKindIn(decisionKinds), schemas }, before, merge);
}

/** Right evidence whose event is there was compared with the forge when it was written. */
async function isSettled(
  ground: GateGround,
  before: Decisions,
  merge: MergeData,
  evidence: DecisionEvidenceV1,
): Promise<boolean> {
  const bundleBy = await evidenceSigner(before, evidence);
  const { considered, decision, pending } = judgedBy(ground, before, { ...merge, evidence, bundleBy });
  if (considered === null || pending) return false;
  const facts = await openState(ground);
  return decision === null
    ? isEventThere(facts, considered.proposalId, merge.at, DISHONOURED)
    : isEventThere(facts, considered.proposalId, considered.mergedAt, RECORDED);
}

async function hasFile(ground: GateGround, proposalId: string): Promise<boolean> {
  return (await (await openState(ground)).bytes("decision-evidence.v1", evidenceKey(proposalId))) !== undefined;
}

function unsaid({ commit }: MergeData, why: string): Answer {
  return { reason: unproven(commit, why) };
}

/** Says that a merge waits for what its forge could not say. */
export function unproven(merge: Oid, why: string): Reason {
  const message = `The merge ${shortOid(merge)} could not be proven: ${printable(why, 300)}`;
  return reason("gate.verdict.unknown", message, { merge, why: printable(why, 300) }, "waybill gate sync");
}

/** The alarm of evidence that says something else than the forge or the history. */
export function differs(proposalId: string, merge: string): Reason {
  const message = `Evidence of ${proposalId} was there before and says something else than the history does`;
  const data = { proposal_id: proposalId, merge };
  return reason("gate.evidence.differs", message, data, "Find who pushed it; the history is what counts");
}
