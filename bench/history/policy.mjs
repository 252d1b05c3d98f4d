// The policy of a made history.
import { id } from "../facts.mjs";
import { actorOf, SCOPE, START, timestamp } from "./time-line.mjs";

/** How long a release must have been on beta before stable. */
export const SOAK_MINUTES = 60;

/** The next policy: the same rules under a proposal of its own. */
export function policyDocument(world, before, why) {
  const at = timestamp(START + (world.ticks + 1) * world.stepMs);
  const people = Object.fromEntries(world.people.map(({ name, line }) => [name, { keys: [line] }]));
  return {
    ...{ schema: "policy.v1", repo_id: SCOPE.repo_id, proposal_id: id("prop", `policy ${world.decided}`) },
    ...{
      from: before && { proposal_id: before.proposal_id },
      state_seen: { commit: world.state, seq: world.seq },
      seen: {},
    },
    ...{
      requested_by: actorOf(world.people[0]),
      requested_at: at,
      reason: why,
      people,
      groups: { release: ["alice", "bob", "carol"] },
    },
    governance: { approvers: ["release"], min_approvals: 2, requester_may_approve: false, proof: "signed" },
    ...{ attestors: {}, apps: {} },
    defaults: {
      channels: {
        internal: { mode: "auto", policy: "off" },
        beta: { min_approvals: 1 },
        stable: { soak: { source: "beta", minutes: SOAK_MINUTES } },
      },
      ...{ mode: "gated", policy: "strict" },
    },
  };
}
