import type { Report, Violation } from "./check.ts";

/** Most violations that are kept one by one; the others are counted. */
const MAX_KEPT = 200;

/** What a run found, in bounded memory. */
export interface Findings {
  readonly report: Report;
  readonly violations: readonly Violation[];
  /** All that were found, kept or not. */
  count(): number;
  /** Commits that break a rule. */
  commits(): number;
}

/** Starts with nothing found. */
export function noFindings(): Findings {
  const violations: Violation[] = [];
  const commits = new Set<string>();
  let count = 0;
  return {
    violations,
    report(violation) {
      count += 1;
      if (violation.commit !== null) commits.add(violation.commit);
      if (violations.length < MAX_KEPT) violations.push(violation);
    },
    count: () => count,
    commits: () => commits.size,
  };
}
