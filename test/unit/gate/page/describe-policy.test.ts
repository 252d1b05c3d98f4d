import { describe, expect, it } from "vitest";
import { describePolicy, describePrincipals } from "../../../../src/gate/page/describe-policy.ts";
import { leavesOf } from "../../../../src/gate/page/leaves.ts";
import type { PrincipalsV1 } from "../../../../src/schema/types.gen.ts";
import { storyPolicy } from "../../../support/page-world.ts";

const header = storyPolicy;

const principals = (tokens: PrincipalsV1["tokens"]): PrincipalsV1 => ({
  schema: "principals.v1",
  repo_id: header.repo_id,
  proposal_id: "prop_tokens",
  from: null,
  state_seen: header.state_seen,
  seen: {},
  requested_by: header.requested_by,
  requested_at: header.requested_at,
  reason: "a token for bob",
  tokens,
});

const token = { token_id: "tok_1", token_hash: "f".repeat(64), person: "bob", scopes: ["gates:approve"] } as const;

describe("a change of principals", () => {
  it("lists each token with its person and scopes, and never a hash", () => {
    const { compared, label } = describePrincipals(
      principals([token, { ...token, token_id: "tok_2", person: null }]),
      principals([{ ...token, scopes: ["tokens:admin"] }]),
    );
    expect(label).toBe("policy");
    expect(compared).toEqual([
      { name: "tok_1", now: [{ code: "bob: tokens:admin" }], after: [{ code: "bob: gates:approve" }] },
      { name: "tok_2", now: ["-"], after: [{ code: "nobody: gates:approve" }] },
    ]);
    expect(JSON.stringify(compared)).not.toContain("ffff");
  });

  it("starts from nothing", () => {
    expect(describePrincipals(principals([token]), undefined).compared).toHaveLength(1);
    expect(describePrincipals(principals([token]), storyPolicy).compared).toHaveLength(1);
  });
});

describe("a change of policy", () => {
  it("names settings by their place, lists of rules one by one", () => {
    const defaults = {
      ...storyPolicy.defaults,
      freeze: [{ kind: "exclude", cron: "0 9 * * 1", minutes: 60, tz: "UTC" }] as const,
    };
    const { compared } = describePolicy({ ...storyPolicy, defaults }, storyPolicy);
    expect(compared.map(({ name }) => name)).toEqual([
      "defaults.freeze[0].cron",
      "defaults.freeze[0].minutes",
      "defaults.freeze[0].tz",
    ]);
  });

  it("shows so many changes, and says how many more there are", () => {
    const groups = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`group-${i}`, ["alice"]]));
    const { compared } = describePolicy({ ...storyPolicy, groups }, storyPolicy);
    expect(compared).toHaveLength(31);
    expect(compared.at(-1)).toMatchObject({ name: "11 more" });
  });

  it("tells an empty list from none: the one lets nobody approve, the other whom governance names", () => {
    const defaults = { ...storyPolicy.defaults, approvers: [] };
    const { compared } = describePolicy(storyPolicy, { ...storyPolicy, defaults });
    expect(compared).toEqual([{ name: "defaults.approvers", now: [{ code: "none" }], after: ["-"] }]);
  });

  it("warns where every approver is needed from now on", () => {
    const governance = { ...storyPolicy.governance, min_approvals: 3 };
    const { effect } = describePolicy({ ...storyPolicy, governance }, storyPolicy);
    expect(effect.at(-1)).toContain("every approver must agree");
  });
});

describe("the settings of a document", () => {
  it("are its values with their places", () => {
    expect(leavesOf({ a: { b: [1, 2], c: {} }, d: [], e: [{ f: null }] })).toEqual([
      { path: "a.b", value: "1, 2" },
      { path: "a.c", value: "none" },
      { path: "d", value: "none" },
      { path: "e[0].f", value: "null" },
    ]);
    expect(leavesOf({})).toEqual([]);
    const [one, two] = ["A".repeat(68), "B".repeat(68)];
    expect(leavesOf({ keys: [one, two] })).toEqual([
      { path: "keys[0]", value: one },
      { path: "keys[1]", value: two },
    ]);
  });
});
