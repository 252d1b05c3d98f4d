import type { PolicyV1 } from "../../src/schema/types.gen.ts";

/** A sound policy of nobody, to spread changes over. */
export const emptyPolicy: PolicyV1 = {
  schema: "policy.v1",
  repo_id: "repo",
  proposal_id: "prop_root",
  from: null,
  state_seen: { commit: "a".repeat(40), seq: 1 },
  seen: {},
  requested_by: { kind: "human", name: "alice", id: "git:alice", verified: false },
  requested_at: "2026-01-01T00:00:00Z",
  reason: "test",
  people: {},
  groups: {},
  governance: { approvers: [], min_approvals: 1, requester_may_approve: false, proof: "signed" },
  attestors: {},
  apps: {},
  defaults: {},
};
