import { expect, test } from "vitest";
import { ruleText } from "../../../cli/screens/rule-text.ts";
import { setScreen } from "../../../cli/screens/channel-changes.ts";

const rule = {
  soak: { source: "beta", minutes: 1440 },
  approvers: ["alice", "bob"],
  min_approvals: 2,
  requester_may_approve: false,
  mode: "gated",
  proof: "attested",
  policy: "strict",
  freeze: [{}],
  retention_keep: 5,
  inherits: "beta",
  rollback: {},
};

test("a channel's rule is said in words, always in the same order", () => {
  expect(ruleText(rule)).toBe(
    "gated, strict, 2 approvals, by alice, bob, who asks may not approve, proof attested, soak 1,440 minutes on beta, 1 freeze window, rollback by a rule of its own, keep 5 releases, inherits beta",
  );
  expect(ruleText({ requester_may_approve: true, min_approvals: 1, later: 1 })).toBe(
    "1 approval, who asks may approve, later",
  );
});

test("the screen of dist channel set has it on a line of its own", () => {
  const { blocks } = setScreen(
    {
      schema: "dist-channel-set-result.v1",
      planned: false,
      app: "notes",
      channel: "stable",
      rule: { mode: "gated" },
      status: "unchanged",
      proposal: null,
      verdict: null,
    },
    new Date(0),
  );
  expect(blocks.slice(0, 2)).toMatchObject([
    { label: "Unchanged", parts: ["notes/stable", "policy says so already"] },
    { label: "Rule", parts: ["gated"] },
  ]);
});
