import type { Report, Violation } from "./check.ts";
import { rulesById, type VerifyRule } from "./rule.ts";

/** Most findings of one rule that are kept one by one, the others are counted: no rule hides behind another. */
const MAX_KEPT = 50;

/** What a run found, in bounded memory. */
export interface Findings {
  readonly report: Report;
  readonly violations: readonly Violation[];
  readonly warnings: readonly Violation[];
  /** All violations that were found, kept or not. */
  count(): number;
  warningCount(): number;
  /** Tells whether the same was warned of: of a folder it is the same at whatever tip. */
  hasWarned(warning: Violation): boolean;
  /** How often a rule is broken. */
  broken(rule: string): number;
  /** Commits that break a rule. */
  commits(): number;
}

/** Starts with nothing found. What is no rule of the registry is a violation. */
export function noFindings(rules: readonly VerifyRule[]): Findings {
  const known = rulesById(rules);
  const violations: Violation[] = [];
  const warnings: Violation[] = [];
  const broken = new Map<string, number>();
  const commits = new Set<string>();
  let warningCount = 0;
  let count = 0;
  return {
    violations,
    warnings,
    report(found) {
      const times = (broken.get(found.rule) ?? 0) + 1;
      broken.set(found.rule, times);
      const isWarning = known.get(found.rule)?.level === "warning";
      if (isWarning) warningCount += 1;
      else {
        count += 1;
        if (found.commit !== null) commits.add(found.commit);
      }
      if (times <= MAX_KEPT) (isWarning ? warnings : violations).push(found);
    },
    count: () => count,
    warningCount: () => warningCount,
    hasWarned: ({ rule, path, commit }) =>
      warnings.some((one) => one.rule === rule && one.path === path && (path !== null || one.commit === commit)),
    broken: (rule) => broken.get(rule) ?? 0,
    commits: () => commits.size,
  };
}
