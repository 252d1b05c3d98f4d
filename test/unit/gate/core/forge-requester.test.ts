import { describe, expect, it } from "vitest";
import { approvalsRow } from "../../../../src/gate/core/approvals.ts";
import type { Account } from "../../../../src/gate/core/forge-answers.ts";
import type { ReviewCase } from "../../../../src/gate/core/reviews.ts";
import { alice, asWorkflow, bob, bot, count, good, mallory, MERGE, rule, said } from "../../../support/review-case.ts";

describe("a request", () => {
  it.each<readonly [string, (on: ReviewCase) => ReviewCase, RegExp]>([
    ["that names somebody else", said({ author: mallory }), /requested_by names alice, whose account did not ask/],
    ["of a bot that names no run", said({ author: bot }), /it names no run/],
    ["of a deleted account", said({ author: null }), /it names no run/],
    ["by a run of another branch", asWorkflow({ isDefaultBranch: false }), /run 5521 ran another branch/],
    ["by a run that is not there", asWorkflow(null), /run 5521 is not there/],
    ["by another attempt", asWorkflow({ attempt: 2 }), /run 5521 is not there/],
    ["by a clock", asWorkflow({ event: "schedule" }), /started by schedule/],
    ["by another workflow than it says", asWorkflow({ path: ".github/workflows/other.yml" }), /another workflow/],
    ["by a file that is no workflow", asWorkflow({ path: "promote.yml" }), /another workflow/],
    ["by a run that no person started", asWorkflow({ starter: bot }), /started by no person/],
    [
      "by a run that asked before",
      (on) => ({ ...asWorkflow({})(on), usedRuns: new Set([5521]) }),
      /asked for another decision already/,
    ],
  ])("%s costs one approval more", (_, change, words) => {
    const approvals = count(change(good));
    expect(approvals).toMatchObject({ needed: 2, requesterVerified: false, reached: false });
    expect(approvals.requesterProblem).toMatch(words);
    expect(approvalsRow(approvals, rule).message).toMatch(/costs one approval more/);
  });

  it("of a run of the default branch is its starter's", () => {
    expect(count(asWorkflow({})(good))).toMatchObject({ needed: 1, requesters: ["alice"], requesterVerified: true });
  });

  it("is the author's where requested_by names nobody of policy", () => {
    const header = { ...good.header, requested_by: { ...good.header.requested_by, name: "Alice E." } };
    expect(count({ ...good, header })).toMatchObject({ requesters: ["alice"], requesterVerified: true, needed: 1 });
  });
});

describe("the own merge of who requested", () => {
  const may = { ...good, requirement: { ...rule, requesterMayApprove: true } };
  const merged = (by: Account | null) =>
    said({ reviews: [], merged: { at: "2026-01-05T12:00:00Z", by, commit: MERGE } });

  it("is the approval where policy lets the requester approve", () => {
    const approvals = count(merged(alice)(may));
    expect(approvals).toMatchObject({
      reached: true,
      selfApproved: true,
      counted: [{ person: "alice", method: "merge" }],
    });
  });

  it.each<readonly [string, ReviewCase]>([
    ["where policy does not let them", merged(alice)(good)],
    ["by somebody else", merged(bob)(may)],
    ["by a bot", merged(bot)(may)],
    ["of a retargeted proposal", said({ retargeted: true })(merged(alice)(may))],
    ["of a fork", { ...merged(alice)(may), foreign: true }],
    [
      "where policy asks for signatures",
      { ...merged(alice)(may), requirement: { ...may.requirement, proof: "signed" } },
    ],
  ])("is none %s", (_, on) => {
    expect(count(on)).toMatchObject({ reached: false, counted: [], own: [] });
  });

  it("is none of a bot that policy names, and none is offered where it would be none", () => {
    const own = said({ author: bot, merged: { at: "2026-01-05T12:00:00Z", by: bot, commit: MERGE }, reviews: [] })(may);
    expect(count(own)).toMatchObject({ counted: [], requesters: ["alice", "robot"] });
    expect(count(good).byMerge).toEqual([]);
    expect(count({ ...may, requirement: { ...may.requirement, proof: "signed" } }).byMerge).toEqual([]);
  });

  it("is offered before it is made, and counts for who is about to make it", () => {
    const open = said({ reviews: [], merged: null })(may);
    expect(approvalsRow(count(open), may.requirement).message).toContain("alice (by merging it)");
    expect(count({ ...open, merger: alice })).toMatchObject({ reached: true, counted: [{ method: "merge" }] });
  });
});
