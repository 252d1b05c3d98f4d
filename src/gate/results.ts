import type { Act } from "../kernel/act.ts";
import { isRefused, type Reason, type Refused, reason } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type {
  GateAllowedSignersResultV1,
  GateApproveResultV1,
  GateMergeResultV1,
  GateRejectResultV1,
  GateSyncResultV1,
} from "../schema/types.gen.ts";
import { type ApproveWith, approveProposal } from "./review/approve.ts";
import { parsePublicKey } from "./core/ssh/openssh-key.ts";
import { DECISION_NAMESPACE, REQUEST_NAMESPACE } from "./core/ssh/sshsig.ts";
import type { GateGround } from "./ground.ts";
import { mergeProposal } from "./review/merge.ts";
import { rejectProposal } from "./review/reject.ts";
import { decisionPart, mergedPart, openPart, openRow, supersededPart, verdictPart } from "./result-parts.ts";
import { sealInPassing } from "./upkeep/seal.ts";
import { syncGate } from "./sync/sync.ts";
import { loadDecisions } from "./view/view.ts";

/** A run of a writing verb: what it may do, and when. */
export interface GateRun {
  readonly ground: GateGround;
  readonly act: Act;
  readonly dryRun: boolean;
}

/** A result and what every reader must say besides. */
export interface Told<R> {
  readonly result: R;
  readonly warnings: readonly Reason[];
}

/** `gate approve` as its result document. */
export async function approveResult(
  { ground, act, dryRun }: GateRun,
  id: string,
  from: ApproveWith,
): Promise<GateApproveResultV1 | Refused> {
  const done = await approveProposal(ground, act, id, from);
  if (isRefused(done)) return done;
  return {
    schema: "gate-approve-result.v1",
    planned: dryRun,
    created: done.created,
    person: done.person,
    fingerprint: done.fingerprint,
    proposal: openPart(ground.decisionKinds, done.decisions, done.open),
    verdict: verdictPart(done.verdict),
  };
}

/** `gate merge` as its result document. */
export async function mergeResult(
  { ground, act, dryRun }: GateRun,
  id: string,
): Promise<Told<GateMergeResultV1> | Refused> {
  const done = await mergeProposal(ground, act, id, { dryRun });
  if (isRefused(done)) return done;
  const { decision, synced } = done;
  // What the decision has seen may be sealed from now on.
  if (!dryRun && synced !== null && synced.recorded.length > 0 && synced.alarms.length + synced.unknown.length === 0)
    await sealInPassing(ground, act, await loadDecisions(ground));
  const result: GateMergeResultV1 = {
    schema: "gate-merge-result.v1",
    planned: dryRun,
    created: done.created,
    proposal_id: decision.proposalId,
    path: decision.path,
    title: done.title,
    decision: decisionPart(decision),
    recorded: synced?.recorded.map(({ proposalId }) => proposalId) ?? [],
    superseded: synced === null ? [] : supersededPart(synced),
  };
  return { result, warnings: synced === null ? [] : [...synced.alarms, ...synced.unknown, ...synced.warnings] };
}

/** `gate reject` as its result document. */
export async function rejectResult(
  { ground, act, dryRun }: GateRun,
  which: string,
  why: string,
): Promise<Told<GateRejectResultV1>> {
  const { id, path, head, signers } = await rejectProposal(ground, act, which, why);
  const result = {
    schema: "gate-reject-result.v1",
    planned: dryRun,
    proposal_id: id,
    path,
    head,
    reason: why,
  } as const;
  return { result, warnings: signers.length === 0 ? [] : [standingApproval(id, path, signers)] };
}

/** An approval cannot be taken back, it can only be overtaken. */
function standingApproval(id: string, path: string | null, signers: readonly string[]): Reason {
  const message = `${printable(id)} was signed by ${signers.join(", ")}; who has kept its branch can still merge it until another decision of ${path ?? "its path"} is`;
  return reason(
    "gate.approval.standing",
    message,
    { proposal_id: printable(id), signers },
    "Merge another decision of the same path, and this one never conforms again",
  );
}

/** `gate sync` as its result document. */
export async function syncResult({
  ground,
  act,
  dryRun,
  seal,
}: GateRun & { readonly seal?: boolean }): Promise<
  Told<GateSyncResultV1> & { readonly alarms: readonly Reason[]; readonly unknown: readonly Reason[] }
> {
  const synced = await syncGate(ground, act);
  const decisions = await loadDecisions(ground);
  const isClear = synced.alarms.length === 0 && synced.unknown.length === 0;
  const sealed = seal === true && isClear && !dryRun ? await sealInPassing(ground, act, decisions) : null;
  const result: GateSyncResultV1 = {
    schema: "gate-sync-result.v1",
    planned: dryRun,
    recorded: synced.recorded.map((decision) => ({
      proposal_id: decision.proposalId,
      path: decision.path,
      title: mergedPart(ground.decisionKinds, decisions, decision).title,
      decision: decisionPart(decision),
    })),
    superseded: supersededPart(synced),
    finished: synced.finished,
    open: synced.open.map((open) => openRow(ground.decisionKinds, decisions, open)),
    alarms: synced.alarms.map(({ code, message, data }) => ({
      code,
      proposal_id: typeof data["proposal_id"] === "string" ? data["proposal_id"] : null,
      message,
    })),
    unknown: synced.unknown.map(({ code, message }) => ({ code, message })),
    ...(sealed === null ? {} : { sealed }),
  };
  const { alarms, unknown } = synced;
  return { result, alarms, unknown, warnings: [...alarms.slice(1), ...synced.warnings] };
}

/** Keys of policy as `ssh-keygen -Y verify -f` takes them. */
export async function allowedSigners(ground: GateGround): Promise<Told<GateAllowedSignersResultV1>> {
  const { policy } = await loadDecisions(ground);
  const signers = Object.entries(policy.document.people).flatMap(([person, { keys }]) =>
    keys.map((key) => ({ person, public_key: key, fingerprint: parsePublicKey(key).fingerprint })),
  );
  const namespaces = `namespaces="${DECISION_NAMESPACE},${REQUEST_NAMESPACE}"`;
  const text = signers.map(({ person, public_key }) => `${person} ${namespaces} ${public_key}\n`).join("");
  const result = { schema: "gate-allowed-signers-result.v1", policy: policy.commit, signers, text } as const;
  return { result, warnings: [] };
}
