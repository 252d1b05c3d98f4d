import { describe, expect, it } from "vitest";
import { ownersErrors, ownersLines, ownersOf } from "./model/codeowners.ts";
import { type FakeReview, type ReviewState, reviewProblems, verdicts } from "./model/pulls.ts";
import { refPattern, requiredStatuses, rulesetsOf } from "./model/rulesets.ts";
import type { FakeRuleset } from "./model/rulesets.ts";
import { combinedState } from "./model/statuses.ts";
import type { FakeAccount } from "./route.ts";

const person = (id: number): FakeAccount => ({ id, login: `p${id}`, type: "User" });

function said(by: number, state: ReviewState, commitId = "head"): FakeReview {
  return { id: by, user: person(by), body: "", state, commitId, submittedAt: "2026-01-01T00:00:00Z" };
}

describe("patterns of refs", () => {
  it.each([
    ["refs/heads/waybill/*", "refs/heads/waybill/state", true],
    ["refs/heads/waybill/*", "refs/heads/waybill/a/b", false],
    ["refs/heads/waybill/**", "refs/heads/waybill/a/b", true],
    ["refs/heads/**/x", "refs/heads/a/b/x", true],
    ["refs/heads/v?.x", "refs/heads/v1.x", true],
    ["refs/heads/v?.x", "refs/heads/v1-x", false],
  ])("%s of %s is %s", (pattern, ref, fits) => {
    expect(refPattern(pattern).test(ref)).toBe(fits);
  });

  it("leave out what is excluded, not active, or of another target", () => {
    const one: FakeRuleset = {
      id: 1,
      name: "a",
      target: "branch",
      enforcement: "active",
      include: ["~ALL"],
      exclude: ["refs/heads/free"],
      rules: [],
      bypass: [],
      createdAt: "",
      updatedAt: "",
    };
    const count = (set: FakeRuleset, ref: string): number => rulesetsOf([set], ref, "main").length;
    expect([count(one, "refs/heads/x"), count(one, "refs/heads/free"), count(one, "refs/tags/x")]).toEqual([1, 0, 0]);
    expect(count({ ...one, enforcement: "evaluate" }, "refs/heads/x")).toBe(0);
    const main = { ...one, include: ["~DEFAULT_BRANCH"] };
    expect([count(main, "refs/heads/main"), count(main, "refs/heads/x")]).toEqual([1, 0]);
    expect(requiredStatuses([{ ...one, rules: [{ type: "required_status_checks", parameters: {} }] }])).toEqual({
      contexts: [],
      strict: false,
    });
  });
});

describe("code owners", () => {
  const lines = ownersLines("* @all # everyone\n/channels/ @ops @sec\n*.md @docs\ngates/*  @gate\npolicy.json\n");

  it.each([
    ["src/a.ts", ["@all"]],
    ["channels/acme/stable.json", ["@ops", "@sec"]],
    ["deep/readme.md", ["@docs"]],
    ["channels/readme.md", ["@docs"]],
    ["gates/a.json", ["@gate"]],
    ["gates/a/b.json", ["@all"]],
    ["policy.json", []],
  ])("of %s are %j", (path, owners) => {
    expect(ownersOf(lines, path)).toEqual(owners);
  });

  it("that nobody knows are errors at their column", () => {
    const errors = ownersErrors(
      ownersLines("* @known nobody@ @unknown\n"),
      (owner) => owner === "@known",
      "CODEOWNERS",
    );
    expect(errors.map(({ column, kind }) => [column, kind])).toEqual([
      [10, "Invalid owner"],
      [18, "Unknown owner"],
    ]);
  });
});

describe("reviews", () => {
  const ground = {
    headSha: "head",
    authorId: 1,
    lastPusherId: 2,
    counts: () => true,
    ownerGroups: [],
    owns: () => false,
  };
  const rule = { approvals: 1, codeOwners: false, lastPush: false };

  it("are each person's last verdict, comments aside", () => {
    const all = [
      said(2, "APPROVED"),
      said(2, "COMMENTED"),
      said(3, "CHANGES_REQUESTED"),
      said(3, "APPROVED"),
      said(4, "DISMISSED"),
    ];
    expect(verdicts(all).map((review) => [review.user.id, review.state])).toEqual([
      [2, "APPROVED"],
      [3, "APPROVED"],
    ]);
    expect(verdicts([said(2, "APPROVED"), said(2, "DISMISSED")])).toEqual([]);
  });

  it("of the author or of people who do not count are none", () => {
    expect(reviewProblems(rule, [said(1, "APPROVED")], ground)).toHaveLength(1);
    expect(reviewProblems(rule, [said(2, "APPROVED")], { ...ground, counts: () => false })).toHaveLength(1);
    expect(reviewProblems(rule, [said(2, "APPROVED", "older")], ground)).toEqual([]);
  });

  it("of the head by another than its pusher answer for the last push", () => {
    const strict = { ...rule, lastPush: true };
    expect(reviewProblems(strict, [said(2, "APPROVED")], ground)).toHaveLength(1);
    expect(reviewProblems(strict, [said(3, "APPROVED", "older")], ground)).toHaveLength(1);
    expect(reviewProblems(strict, [said(3, "APPROVED")], ground)).toEqual([]);
  });

  it("are wanted from one owner of each group", () => {
    const owned = {
      ...ground,
      ownerGroups: [["@p2"], ["@p3", "@p4"]],
      owns: (by: FakeAccount, name: string) => name === `@${by.login}`,
    };
    const owners = { ...rule, codeOwners: true };
    expect(reviewProblems(owners, [said(2, "APPROVED")], owned)).toEqual([
      "Waiting on code owner review from p3 and/or p4.",
    ]);
    expect(reviewProblems(owners, [said(2, "APPROVED"), said(4, "APPROVED")], owned)).toEqual([]);
  });
});

describe("combined statuses", () => {
  it.each([
    [[], "pending"],
    [["success"], "success"],
    [["success", "pending"], "pending"],
    [["pending", "error"], "failure"],
  ] as const)("of %j are %s", (states, combined) => {
    const creator = person(1);
    const rows = states.map((state, id) => {
      return { id, sha: "", context: String(id), state, description: null, targetUrl: null, createdAt: "", creator };
    });
    expect(combinedState(rows)).toBe(combined);
  });
});
