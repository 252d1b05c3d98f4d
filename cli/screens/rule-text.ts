import { type Data, isData } from "../../src/kernel/json.ts";
import { counted } from "../output/cells.ts";

/** Members of a channel's rule in the order and words in which people read them. */
const WORDS: Readonly<Record<string, (value: unknown) => string>> = {
  mode: String,
  policy: String,
  min_approvals: (value) => counted(Number(value), "approval"),
  approvers: (value) => `by ${Array.isArray(value) ? value.join(", ") : String(value)}`,
  requester_may_approve: (value) => `who asks may${value === true ? "" : " not"} approve`,
  proof: (value) => `proof ${String(value)}`,
  soak: (value) => (isData(value) ? soakText(value) : ""),
  freeze: (value) => counted(Array.isArray(value) ? value.length : 0, "freeze window"),
  rollback: () => "rollback by a rule of its own",
  retention_keep: (value) => `keep ${counted(Number(value), "release")}`,
  inherits: (value) => `inherits ${String(value)}`,
};

function soakText({ minutes, source }: Data): string {
  return `soak ${counted(Number(minutes), "minute")}${typeof source === "string" ? ` on ${source}` : ""}`;
}

/** Says a channel's rule in words: `gated, strict, 2 approvals, by alice, bob`. */
export function ruleText(rule: Readonly<Record<string, unknown>>): string {
  const known = Object.entries(WORDS).flatMap(([name, words]) => (rule[name] === undefined ? [] : [words(rule[name])]));
  const others = Object.keys(rule).filter((name) => !Object.hasOwn(WORDS, name));
  return [...known, ...others].join(", ");
}
