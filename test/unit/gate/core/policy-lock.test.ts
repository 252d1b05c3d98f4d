import { expect, it } from "vitest";
import { lockProblem } from "../../../../src/gate/core/policy-lock.ts";
import type { Grade, PolicyV1 } from "../../../../src/schema/types.gen.ts";
import { emptyPolicy } from "../../../support/policies.ts";

const key = { keys: ["ssh-ed25519 AAAA"] };
const account = { keys: [], github: { id: 1, login: "x" } };

function policyOf(
  people: PolicyV1["people"],
  rule: {
    readonly approvers?: readonly string[];
    readonly min?: number;
    readonly own?: boolean;
    readonly proof?: Grade;
  },
): PolicyV1 {
  const { approvers = Object.keys(people), min = 1, own = false, proof = "signed" } = rule;
  return {
    ...emptyPolicy,
    people,
    governance: { approvers, min_approvals: min, requester_may_approve: own, proof },
  };
}

it.each<[string, PolicyV1]>([
  ["one person who may approve alone", policyOf({ a: key }, { own: true })],
  ["two people, one approval", policyOf({ a: key, b: key }, {})],
  ["three people, two approvals", policyOf({ a: key, b: key, c: key }, { min: 2 })],
  [
    "two approvers and somebody else who may ask",
    policyOf({ a: key, b: key, c: key }, { min: 2, approvers: ["a", "b"] }),
  ],
  ["accounts, where reviews count", policyOf({ a: account, b: account }, { proof: "recorded" })],
])("a policy can be changed again with %s", (_, policy) => {
  expect(lockProblem(policy)).toBeNull();
});

it.each<[string, PolicyV1, string]>([
  ["two people, two approvals", policyOf({ a: key, b: key }, { min: 2 }), "at most 1 could be given; who asks"],
  ["one person who asks alone", policyOf({ a: key }, {}), "at most 0"],
  ["signatures of people without keys", policyOf({ a: key, b: account }, {}), "b has no key"],
  ["evidence that nobody signs", policyOf({ a: account, b: account }, { proof: "attested" }), "a, b have no key"],
])("a policy would be there for ever with %s", (_, policy, why) => {
  expect(lockProblem(policy)).toContain(why);
});
