import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approvalsRow } from "../../../../src/gate/core/approvals.ts";
import type { ReviewCase } from "../../../../src/gate/core/reviews.ts";
import { containing } from "../../../support/examine.ts";
import {
  alice,
  answers,
  asWorkflow,
  bob,
  bot,
  byBob,
  carol,
  count,
  DECISION,
  good,
  mallory,
  OLD,
  review,
  reviewed,
  rule,
  said,
  SIGNED,
} from "../../../support/review-case.ts";

/** Each takes one condition of spec/trust.md section 7 away, and names the words in which that is told. */
const broken: readonly (readonly [what: string, (on: ReviewCase) => ReviewCase, RegExp])[] = [
  ["a bot", byBob({ by: bot }), /robot is a bot/],
  ["an outsider", byBob({ by: mallory }), /mallory is nobody in policy/],
  [
    "a login registered again",
    byBob({ by: { ...bob, id: 77 } }),
    /bob has a login of policy.json and is another account/,
  ],
  ["a deleted account", byBob({ by: null }), /a deleted account approved, and nobody can tell/],
  ["a person outside the rule", byBob({ by: carol }), /carol is not among the approvers/],
  ["who cannot write", byBob({ mayWrite: false }), /bob may not write to the repository/],
  ["an older head", byBob({ commit: OLD }), /bob approved 3333333, an older head/],
  ["a commit that is gone", byBob({ commit: null }), /bob approved a commit that is gone/],
  [
    "changes asked for since",
    (on) =>
      reviewed(review(bob), review(bob, { verdict: "changes_requested", submittedAt: "2026-01-05T11:00:00Z" }))(on),
    /bob asks for changes/,
  ],
  ["dismissed before the merge", byBob({ dismissedAt: "2026-01-05T12:00:00Z" }), /bob approved, which was dismissed/],
  ["submitted after the merge", byBob({ submittedAt: "2026-01-05T12:00:01Z" }), /bob approved after the merge/],
  ["a retargeted base", said({ retargeted: true }), /bob approved a proposal whose base branch was changed/],
  ["a fork", (on) => ({ ...on, foreign: true }), /bob approved a proposal that was not made here/],
  ["the author of the pull request", said({ author: bob }), /bob requested it/],
  [
    "the author of the decision commit",
    said({ commits: [{ commit: DECISION, author: bob, committer: alice }] }),
    /bob requested it/,
  ],
  [
    "the committer of the decision commit",
    said({ commits: [{ commit: DECISION, author: null, committer: bob }] }),
    /bob requested it/,
  ],
  [
    "whom requested_by names",
    (on) => ({ ...on, header: { ...on.header, requested_by: { ...on.header.requested_by, name: "bob" } } }),
    /bob requested it/,
  ],
  ["the starter of the named run", asWorkflow({ starter: bob }), /bob requested it/],
];

describe("a review", () => {
  it("counts by a person of the rule, on the merged head, before the merge", () => {
    const approvals = count(good);
    expect(approvals).toMatchObject({ reached: true, needed: 1, requesters: ["alice"], requesterVerified: true });
    expect(approvals.counted).toEqual([
      {
        person: "bob",
        id: "2",
        method: "review",
        said: { login: "bob", commit: DECISION, submittedAt: "2026-01-05T10:00:00Z" },
      },
    ]);
  });

  it.each(broken)("does not count of %s, and says so", (_, change, words) => {
    const approvals = count(change(good));
    expect(approvals.reached).toBe(false);
    expect(approvals.counted).toEqual([]);
    expect(approvalsRow(approvals, rule).message).toMatch(words);
  });

  it("never counts when any of the conditions fails, whichever else hold", () => {
    fc.assert(
      fc.property(fc.subarray([...broken], { minLength: 1 }), (changes) => {
        const on = changes.reduce((before, [, change]) => change(before), good);
        expect(count(on).counted).toEqual([]);
        expect(count(on).reached).toBe(false);
      }),
    );
  });

  it.each<readonly [string, (on: ReviewCase) => ReviewCase]>([
    ["on the signed head", byBob({ commit: SIGNED })],
    ["dismissed after the merge", byBob({ dismissedAt: "2026-01-05T12:00:01Z" })],
    [
      "followed by a comment",
      reviewed(review(bob), review(bob, { verdict: "commented", submittedAt: "2026-01-05T11:00:00Z" })),
    ],
    [
      "after changes asked for",
      reviewed(review(bob, { verdict: "changes_requested", submittedAt: "2026-01-05T09:00:00Z" }), review(bob)),
    ],
    [
      "with changes asked for after the merge",
      reviewed(review(bob), review(bob, { verdict: "changes_requested", submittedAt: "2026-01-05T12:30:00Z" })),
    ],
    ["by who signed too", said({ commits: answers.commits })],
  ])("counts %s", (_, change) => {
    expect(count(change(good)).counted).toMatchObject([{ person: "bob" }]);
  });

  it("is unknown where the forge does not say whether its author may write", () => {
    const approvals = count(byBob({ mayWrite: null })(good));
    expect(approvals.reached).toBe(false);
    const row = approvalsRow(approvals, rule);
    expect(row.status).toBe("unknown");
    expect(row.message).toContain("Not known: whether bob may write to the repository");
    expect(count({ ...byBob({ mayWrite: null })(good), requirement: { ...rule, proof: "signed" } }).unknown).toEqual(
      [],
    );
  });

  it("is unknown where the forge does not know the decision commit", () => {
    const approvals = count(said({ commits: [] })(good));
    expect([approvals.reached, approvals.counted]).toEqual([false, []]);
    expect(approvalsRow(approvals, rule)).toMatchObject({
      status: "unknown",
      message: containing("Not known: whose commit the decision is"),
    });
  });

  it("counts for nothing where policy asks for signatures", () => {
    const signed = { ...good, requirement: { ...rule, proof: "signed" } as const };
    expect(count(signed)).toMatchObject({
      counted: [],
      notCounted: [{ who: "bob", why: "approved by review, and policy asks for a signature" }],
    });
  });
});
