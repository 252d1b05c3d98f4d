import type { Act } from "../../kernel/act.ts";
import { sha256Hex } from "../../kernel/digest.ts";
import { type Reason, reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import type { DecisionEvidenceV1, GateAttestResultV1, GateEvidenceResultV1 } from "../../schema/types.gen.ts";
import { openState } from "../../state/transact.ts";
import { ROOTLESS } from "../view/bundle-signer.ts";
import type { Decisions } from "../core/decisions.ts";
import { attestedBytes } from "../core/evidence.ts";
import { asAttested } from "./evidence.ts";
import type { GateGround } from "../ground.ts";
import { refuseForeignRepository } from "../own-repository.ts";
import { proverOn } from "./prover.ts";
import { whichProposal } from "../review/read-open.ts";
import { decisionPart } from "../result-parts.ts";
import { syncGate } from "./sync.ts";
import { loadHistory } from "../view/view.ts";
import { type Vouch, vouchedByBundle, vouchedByKey } from "./vouch.ts";

/** Largest file that may hold a bundle: 256 KiB; what may be recorded is smaller. */
export const MAX_BUNDLE_BYTES = 262_144;

/** The exact bytes that an attestor signs for a merge. */
export type ToAttest = NonNullable<GateEvidenceResultV1["evidence"]>;

/**
 * Finds what an attestor must sign: the evidence of a merge that waits for its proof, as the forge's answers make it now. Without a
 * proposal the oldest that waits; null where none does. Writes nothing.
 */
export async function evidenceToAttest(ground: GateGround, which: string | null): Promise<ToAttest | null | Refused> {
  const { forge } = ground;
  if (forge === undefined) return forgeless();
  await refuseForeignRepository(ground, await openState(ground));
  const seen = new Map<string, DecisionEvidenceV1>();
  const unsigned: Vouch = (_, plain) => {
    seen.set(plain.proposal_id, asAttested(plain));
    return Promise.resolve({ why: "it is about to be signed" });
  };
  const prover = await proverOn(ground, forge, unsigned);
  const { decisions } = await loadHistory(ground, { evidence: prover.source });
  const oldest = decisions.pending.find(({ proposalId }) => proposalId !== null && seen.has(proposalId))?.proposalId;
  const id = which === null ? (oldest ?? null) : (await whichProposal(ground, which)).id;
  if (id === null) return null;
  const evidence = seen.get(id);
  return evidence === undefined ? notWaiting(decisions, id, prover.unknown) : partOf(evidence);
}

function partOf(evidence: DecisionEvidenceV1): ToAttest {
  const bytes = attestedBytes(evidence);
  const { proposal_id, path, merge } = evidence;
  return { proposal_id, path, merge, sha256: sha256Hex(bytes), text: new TextDecoder().decode(bytes) };
}

/** A bundle that a workflow made elsewhere, for one proposal. */
export interface GivenBundle {
  readonly which: string;
  readonly bundle: string;
}

/**
 * Records the proof of a merge with a Sigstore bundle over its evidence, and all that follows, as `gate sync` does. The evidence is made
 * again from the forge's answers, so that the bundle must be over what the forge says now. Doing it twice writes once. Throws
 * `gate.attest.refused`, before anything is written, where the bundle does not vouch.
 */
export async function attestMerge(
  ground: GateGround,
  act: Act,
  { which, bundle }: GivenBundle,
): Promise<Omit<GateAttestResultV1, "schema" | "planned"> | Refused> {
  if (ground.forge === undefined) return forgeless();
  const { id } = await whichProposal(ground, which);
  const made: DecisionEvidenceV1[] = [];
  const given = vouchedByBundle(id, bundle, vouchedByKey(ground.attestor ?? null));
  const synced = await syncGate(ground, act, async (before, plain) => {
    const vouched = await given(before, plain);
    if (plain.proposal_id !== id) return vouched;
    if ("why" in vouched) throw refusedBundle(id, vouched.why);
    made.push(vouched);
    return vouched;
  });
  const recorded = synced.recorded.find(({ proposalId }) => proposalId === id);
  const [evidence] = made;
  const { decisions } = await loadHistory(ground);
  const decision = recorded ?? decisions.merged.find(({ proposalId }) => proposalId === id);
  if (decision !== undefined && decision.grade !== null)
    return { created: evidence !== undefined, proposal_id: id, decision: decisionPart(decision), problem: null };
  const alarm = synced.alarms.find(({ data }) => data["proposal_id"] === id);
  if (alarm !== undefined) return refuse(alarm);
  if (evidence === undefined) return notWaiting(decisions, id, synced.unknown);
  return { created: true, proposal_id: id, decision: null, problem: problemIn(evidence) };
}

/** The evidence is proven, and what it says is that the merge does not conform. */
function problemIn({ rules }: DecisionEvidenceV1): string {
  const broken = rules.filter(({ status }) => status !== "ok");
  return broken.map(({ rule, message }) => `${rule}: ${message}`).join("; ");
}

function refusedBundle(id: string, why: string): ToolError {
  return new ToolError("gate.attest.refused", `The bundle does not prove ${id}: ${why}`, {
    data: { proposal_id: id, why },
    hints: why.endsWith(ROOTLESS)
      ? [
          'waybill gate open sigstore-root --file trusted_root.jsonl --reason "who vouches for workflows"',
          "Roots count for merges after theirs: then propose this one again",
        ]
      : [`waybill gate evidence ${id} --out evidence.json`, "Sign that file in the workflow that policy names"],
  });
}

function notWaiting(decisions: Decisions, id: string, unknown: readonly Reason[]): Refused {
  const merge = [...decisions.pending, ...decisions.dishonoured].find(({ proposalId }) => proposalId === id);
  const said = unknown.find(({ data }) => data["merge"] === merge?.commit);
  if (said !== undefined && merge !== undefined) return refuse(said);
  const decision = decisions.merged.find(({ proposalId }) => proposalId === id);
  const data = { proposal_id: id };
  if (decision !== undefined)
    return refuse(
      reason(
        "gate.proposal.closed",
        `${id} waits for no proof: its grade is ${decision.grade ?? "that of the root"}`,
        data,
      ),
    );
  if (merge !== undefined)
    return refuse(reason("gate.proposal.closed", `${id} waits for no attestor: ${merge.message}`, data));
  return refuse(reason("gate.proposal.not_found", `No merge carries ${id}`, data, "waybill gate list"));
}

function forgeless(): Refused {
  const message = "Evidence is made from what a forge answers, and none is asked here";
  return refuse(
    reason(
      "usage.invalid_argument",
      message,
      {},
      "On a bare repository approvals are signatures: waybill gate approve",
    ),
  );
}
