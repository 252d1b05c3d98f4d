import { describe, expect, it } from "vitest";
import { channelsOf, resolveChannel, resolveGovernance } from "../../../../src/gate/core/requirement.ts";
import type { PolicyV1 } from "../../../../src/schema/types.gen.ts";
import { emptyPolicy } from "../../../support/policies.ts";

const policy: PolicyV1 = {
  ...emptyPolicy,
  people: { alice: { keys: [] }, bob: { keys: [] }, carol: { keys: [] } },
  groups: { release: ["carol", "bob"] },
  governance: { approvers: ["alice"], min_approvals: 1, requester_may_approve: true, proof: "signed" },
  defaults: { min_approvals: 2, channels: { beta: { mode: "auto", approvers: ["release", "bob"] } } },
  apps: {
    create: "auto",
    notes: {
      channels: {
        beta: { policy: "warn" },
        stable: { proof: "recorded", rollback: { min_approvals: 1, approvers: ["bob"] } },
      },
    },
  },
};

describe("the rule of a channel", () => {
  it("takes each member from the nearest place that has it", () => {
    expect(resolveChannel(policy, "notes", "beta")).toMatchObject({
      mode: "auto",
      policy: "warn",
      requirement: { approvers: ["bob", "carol"], minApprovals: 2, requesterMayApprove: true, proof: "signed" },
    });
    expect(resolveChannel(policy, "other", "beta")).toMatchObject({ mode: "auto", policy: "strict" });
    expect(resolveChannel(policy, "notes", "stable")).toMatchObject({
      mode: "gated",
      requirement: { approvers: ["alice"], minApprovals: 2, proof: "recorded" },
      rollback: { approvers: ["bob"], minApprovals: 1, proof: "recorded" },
    });
  });

  it("is gated and strict where nobody says anything", () => {
    const settings = resolveChannel(emptyPolicy, "notes", "stable");
    expect(settings).toMatchObject({ mode: "gated", policy: "strict", soak: null, freeze: [], inherits: null });
    expect(settings.rollback).toEqual(settings.requirement);
    expect(settings.requirement.approvers).toEqual([]);
  });

  it("is not taken from what every object inherits", () => {
    expect(resolveChannel(policy, "constructor", "constructor")).toMatchObject({ mode: "gated" });
    expect(resolveChannel(policy, "create", "stable")).toMatchObject({ mode: "gated" });
  });

  it("names people, not groups, and nobody who is unknown", () => {
    const odd = { ...policy, governance: { ...policy.governance, approvers: ["release", "mallory", "toString"] } };
    expect(resolveGovernance(odd).approvers).toEqual(["bob", "carol"]);
    expect(channelsOf(policy, "notes")).toEqual(["beta", "stable"]);
  });
});
