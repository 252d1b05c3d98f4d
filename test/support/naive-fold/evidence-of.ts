import { canonical } from "./canonical.ts";
import { timeOf } from "./draft.ts";
import { sha256 } from "./history.ts";
import { accountOf } from "./policy-plan.ts";
import { keyNamed } from "./stage.ts";
import type { Step } from "./steps.ts";

/** A merge as `gate sync` would see it. */
export interface MergedAs {
  readonly id: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly base: string;
  readonly head: string;
  readonly merge: string;
  readonly seconds: number;
  readonly policyDigest: string;
  readonly reviewers: readonly string[];
  /** Another commit of the history. */
  readonly other: string;
}

/** Evidence of a merge, with a step's forgery. */
export function evidenceBytes(merged: MergedAs, { forgery, requester, signsRequest, attested, what }: Step): Buffer {
  const at = timeOf(merged.seconds);
  const honest = {
    schema: "decision-evidence.v1",
    repo_id: "repo",
    forge_repository_id: 81,
    proposal_id: merged.id,
    kind: { move: "channel", yank: "yank", rewrite: "rewrite", policy: "policy", principals: "principals" }[what.kind],
    pull_request: 1,
    base: merged.base,
    head: merged.head,
    merge: merged.merge,
    path: merged.path,
    decision_sha256: sha256(merged.bytes),
    merged_at: at,
    merged_by: { kind: "human", name: requester, id: String(accountOf(requester)), verified: true },
    approvals: merged.reviewers.map((person) => ({
      person,
      id: String(accountOf(person)),
      login: person,
      method: "review",
      commit: merged.head,
      submitted_at: at,
    })),
    requesters: [requester],
    requester_verified: signsRequest || merged.reviewers.length % 2 === 0,
    rules: [{ rule: "shape", status: "ok", message: merged.path }],
    policy_sha256: merged.policyDigest,
    grade: attested ? "attested" : "recorded",
    self_approved: merged.reviewers.includes(requester),
  };
  const forged = { ...honest, ...forgeries(merged, honest.approvals, requester)[forgery ?? "none"] };
  const signer = forgery === "signed_by_outsider" ? "outsider" : "attestor";
  const over = forgery === "signed_other" ? honest.merge : canonical(forged);
  const signature = keyNamed(signer).sign("waybill-evidence-v1", Buffer.from(over));
  const text = canonical(attested ? { ...forged, signature } : forged);
  return Buffer.from(forgery === "not_canonical" ? text.replaceAll("\n  ", "\n    ") : text);
}

function forgeries(
  merged: MergedAs,
  approvals: readonly { readonly person: string }[],
  requester: string,
): Readonly<Record<string, object>> {
  const each = (change: object) => ({ approvals: approvals.map((approval) => ({ ...approval, ...change })) });
  return {
    merge: { merge: merged.other },
    base: { base: merged.other },
    head: { head: merged.other },
    bytes: { decision_sha256: "0".repeat(64) },
    repo: { repo_id: "other" },
    forge: { forge_repository_id: 82 },
    policy: { policy_sha256: "0".repeat(64) },
    path: { path: "channels/notes/other.json" },
    proposal: { proposal_id: "prop_other0000000" },
    late: each({ submitted_at: timeOf(merged.seconds + 1) }),
    undated: each({ submitted_at: null }),
    other_commit: each({ commit: merged.other }),
    account: each({ id: "9999" }),
    requester: { requesters: approvals.map(({ person }) => person) },
    refused: { rules: [{ rule: "approvals", status: "refuse", message: "no" }] },
    unknown: { rules: [{ rule: "approvals", status: "unknown", message: "?" }] },
    unverified: { requester_verified: false },
    later: { merged_at: timeOf(merged.seconds + 3600), ...each({}) },
    earlier: { merged_at: timeOf(merged.seconds - 3600), ...each({ submitted_at: timeOf(merged.seconds - 7200) }) },
    merge_method: {
      ...each({ method: "merge" }),
      merged_by: {
        kind: "human",
        name: "x",
        id: String(accountOf(approvals[0]?.person ?? requester)),
        verified: true,
      },
    },
    signature_method: each({ method: "signature" }),
    kind: { kind: "yank" },
  };
}
