import { expect, test } from "vitest";
import { verifyRules } from "../../../../cli/verify-rules.ts";
import type { Violation } from "../../../../src/state/verify/check.ts";
import { noFindings } from "../../../../src/state/verify/findings.ts";

const of = (rule: string, path: string): Violation => ({
  rule,
  branch: "waybill/state",
  commit: null,
  path,
  message: "",
  data: {},
  next: "",
});

test("no rule hides behind another, however often that is broken", () => {
  const found = noFindings(verifyRules);
  for (let i = 0; i < 100_000; i += 1) found.report(of("path.unknown", String(i)));
  found.report(of("decision.conforming", "policy.json"));
  expect(found.violations.length).toBe(51);
  expect(found.violations.at(-1)?.rule).toBe("decision.conforming");
  expect([found.count(), found.broken("path.unknown"), found.warningCount()]).toEqual([100_001, 100_000, 0]);
});

test("what the registry calls a warning is no violation, and what it does not know is one", () => {
  const found = noFindings(verifyRules);
  found.report(of("ref.homonym", "refs/tags/waybill/state"));
  expect([found.count(), found.warningCount(), found.warnings.length]).toEqual([0, 1, 1]);
  found.report(of("some.thing", "x"));
  expect(found.count()).toBe(1);
});
