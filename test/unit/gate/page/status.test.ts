import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CountedApproval } from "../../../../src/gate/core/decisions.ts";
import { colourOf, type RuleResult } from "../../../../src/gate/core/verdict.ts";
import { statusOf } from "../../../../src/gate/page/status.ts";
import { oid } from "../../../support/page-world.ts";

const bob: CountedApproval = { person: "bob", id: "2", method: "review" };
const SOAK = [{ rule: "soak", text: "soak on beta until 2026-11-19 15:30 UTC" }];

function said(rules: readonly RuleResult[], counted = 1) {
  const verdict = { colour: colourOf(rules), head: oid("e7a9b35"), policyCommit: oid("3"), rules };
  const approvals = { counted: Array.from({ length: counted }, () => bob), needed: 2 };
  return statusOf(verdict, approvals, SOAK);
}

describe("the status of a proposal", () => {
  it("is ready with what was seen", () => {
    const rules: readonly RuleResult[] = [
      { rule: "soak", status: "ok", message: "on beta for 24 h of 24 h" },
      { rule: "freeze", status: "ok", message: "no freeze before 2026-11-20T15:00:00Z" },
      { rule: "approvals", status: "ok", message: "2 of 2: bob, release-manager" },
    ];
    expect(said(rules, 2)).toEqual({
      state: "success",
      description: "Ready: soak done, no freeze before 2026-11-20 15:00 UTC, 2 of 2 approvals of e7a9b35",
    });
  });

  it("waits for people first, then for time, in words that do not change every minute", () => {
    const rules: readonly RuleResult[] = [
      { rule: "soak", status: "wait", message: "on beta for 20 h 10 min of 24 h, done at 2026-11-19T15:30:00Z" },
      { rule: "proof", status: "wait", message: "its proof is not recorded yet" },
    ];
    expect(said(rules)).toEqual({
      state: "pending",
      description: "Waits: 1 of 2 approvals, soak on beta until 2026-11-19 15:30 UTC",
    });
  });

  it("names the first refusal and counts the others", () => {
    const rules: readonly RuleResult[] = [
      {
        rule: "shape",
        status: "refuse",
        message: "policy.json is also changed; a promotion changes only its own pointer",
      },
      { rule: "hold", status: "refuse", message: "held" },
      { rule: "approvals", status: "wait", message: "0 of 2" },
    ];
    expect(said(rules)).toEqual({
      state: "failure",
      description: "Refused: shape (and 1 more). policy.json is also changed; a promotion changes only its own pointer",
    });
  });

  it("says what could not be found out", () => {
    const rules: readonly RuleResult[] = [{ rule: "approvals", status: "unknown", message: "GitHub answered 502" }];
    expect(said(rules)).toEqual({
      state: "error",
      description: "Unknown: approvals. GitHub answered 502. gate sync tries again",
    });
  });

  it("never is longer than GitHub takes, and holds no control characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (message) => {
        const { description } = said([{ rule: "shape", status: "refuse", message }]);
        expect(description.length).toBeLessThanOrEqual(140);
        expect(description).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });
});
