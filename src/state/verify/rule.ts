import type { CheckedRule } from "../../schema/types.gen.ts";

/**
 * A rule that `state verify` holds history against, in the words that people read: table, code scanning and
 * docs/when-verify-says-no.md all say these. A family lists its own in `rules.ts`; every id that code reports is in one of them.
 */
export interface VerifyRule {
  /** Its name, which is contract. */
  readonly id: string;
  /** A violation makes the answer "no", a warning never does. */
  readonly level: "violation" | "warning";
  /** What it looks at, one by one. */
  readonly counted: CheckedRule["counted"];
  /** What holds where nothing is wrong, in one line. */
  readonly title: string;
  /** What it means that it is broken. */
  readonly means: string;
  /** What readers do meanwhile. */
  readonly readers: string;
  /** Who could have done it. */
  readonly who: string;
  /** What to do, in order; commands in backquotes. */
  readonly steps: readonly string[];
}

/** Finds rules by id. */
export function rulesById(rules: readonly VerifyRule[]): ReadonlyMap<string, VerifyRule> {
  return new Map(rules.map((rule) => [rule.id, rule]));
}
