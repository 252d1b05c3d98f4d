import type { AnyKind, DocumentKind, Key } from "../state/document-kind.ts";

/** Path of a rewrite of the facts, named after the tip whose history is given up. */
export const REWRITE_PATH = "gates/rewrite/{old}.json";

/** Key of the evidence of a proposal: the first two characters after the id's prefix, and the id. */
export function evidenceKey(proposalId: string): Key {
  const bare = proposalId.replace(/^[a-z]+_/, "");
  return { folder: (bare.length < 2 ? proposalId : bare).slice(0, 2), id: proposalId };
}

const evidence: DocumentKind<"decision-evidence.v1"> = {
  name: "decision-evidence.v1",
  branch: "state",
  path: "decisions/{folder}/{id}.json",
  life: "append-only",
  keyOf: (document) => evidenceKey(document.proposal_id),
  sealed: { by: "document", folder: "decisions/{folder}", least: 2, since: ({ merged_at }) => merged_at },
  tables: [
    {
      name: "decisions",
      columns: {
        merged_at: "text",
        proposal_id: "text",
        kind: "text",
        path: "text",
        merge_commit: "text",
        decision_sha256: "text",
        grade: "text",
        self_approved: "integer",
        approvers: "text",
      },
      primary: ["merged_at", "proposal_id"],
      rows: (document) => [
        {
          merged_at: document.merged_at,
          proposal_id: document.proposal_id,
          kind: document.kind,
          path: document.path,
          merge_commit: document.merge,
          decision_sha256: document.decision_sha256,
          grade: document.grade,
          self_approved: document.self_approved ? 1 : 0,
          approvers: document.approvals.map(({ person }) => person).join(" "),
        },
      ],
    },
  ],
};

const policy: DocumentKind<"policy.v1"> = {
  name: "policy.v1",
  branch: "decisions",
  path: "policy.json",
  life: "mutable",
  keyOf: () => ({}),
};

const principals: DocumentKind<"principals.v1"> = {
  name: "principals.v1",
  branch: "decisions",
  path: "config/principals.json",
  life: "mutable",
  keyOf: () => ({}),
};

const rewrite: DocumentKind<"rewrite.v1"> = {
  name: "rewrite.v1",
  branch: "decisions",
  path: REWRITE_PATH,
  life: "mutable",
  keyOf: ({ old }) => ({ old: old.commit }),
};

const sigstoreRoot: DocumentKind<"sigstore-root.v1"> = {
  name: "sigstore-root.v1",
  branch: "decisions",
  path: "config/sigstore-root.json",
  life: "mutable",
  keyOf: () => ({}),
};

const checkpoint: DocumentKind<"checkpoint.v1"> = {
  name: "checkpoint.v1",
  branch: "state",
  path: "checkpoint.json",
  life: "mutable",
  // That it is gone has a rule of its own, `checkpoint.back`.
  changes: { goes: true },
  keyOf: () => ({}),
};

/** Documents of the gate: evidence among facts, and the authority configuration among decisions. */
export const gateDocuments: readonly AnyKind[] = [checkpoint, evidence, policy, principals, rewrite, sigstoreRoot];
