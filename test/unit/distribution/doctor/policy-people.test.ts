import { describe, expect, it } from "vitest";
import { policyPeople } from "../../../../src/distribution/doctor/policy-people.ts";
import type { PolicyV1 } from "../../../../src/schema/types.gen.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { makeKey } from "../../../support/gate-world.ts";
import { makeRetentionWorld } from "../../../support/retention-world.ts";

const bob = { keys: [makeKey().publicKey] };

async function found(change: (policy: PolicyV1) => Partial<PolicyV1>) {
  return examineBy(policyPeople, await makeRetentionWorld(change));
}

function two(policy: PolicyV1): Pick<PolicyV1, "people" | "governance"> {
  const people = { ...policy.people, bob };
  return {
    people,
    governance: { ...policy.governance, approvers: Object.keys(people), requester_may_approve: false },
  };
}

describe("policy.people", () => {
  it("finds nothing wrong where two people approve each other's wishes", async () => {
    expect(await found(two)).toEqual([]);
  });

  it("warns where there is only one person", async () => {
    expect(await found(() => ({}))).toMatchObject([{ status: "warn", message: containing("Only alice") }]);
  });

  it("warns of a rule by which people may approve what they ask for", async () => {
    const channels = { stable: { requester_may_approve: true } };
    expect(await found((policy) => ({ ...two(policy), defaults: { ...policy.defaults, channels } }))).toMatchObject([
      { status: "warn", message: containing("stable: who asks") },
    ]);
  });

  it("fails for a rule that nobody can satisfy, also for going back", async () => {
    const apps = { acme: { channels: { stable: { min_approvals: 3, rollback: { min_approvals: 2 } } } } };
    expect(await found((policy) => ({ ...two(policy), apps: { ...policy.apps, ...apps } }))).toMatchObject([
      { status: "fail", message: "acme stable: 3 approvals are needed, and 2 people may give one" },
    ]);
  });
});
