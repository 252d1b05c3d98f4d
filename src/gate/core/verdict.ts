import type { Oid } from "../../kernel/oid.ts";

/** One rule of a verdict: `wait` clears with time or people, `refuse` needs a change, `unknown` could not be found out. */
export interface RuleResult {
  readonly rule: string;
  readonly status: "ok" | "wait" | "refuse" | "unknown";
  readonly message: string;
}

/** What policy says of a proposal at one head, against one policy. */
export interface Verdict {
  readonly colour: "green" | "red" | "unknown";
  readonly head: Oid;
  readonly policyCommit: Oid;
  readonly rules: readonly RuleResult[];
}

/** Green when every rule is ok, unknown when one could not be found out and none refuses, else red. */
export function colourOf(rules: readonly RuleResult[]): Verdict["colour"] {
  if (rules.every((rule) => rule.status === "ok")) return "green";
  if (rules.some((rule) => rule.status === "refuse")) return "red";
  return rules.some((rule) => rule.status === "unknown") ? "unknown" : "red";
}
