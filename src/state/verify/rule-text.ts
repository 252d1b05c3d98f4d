import type { VerifyRule } from "./rule.ts";

/** What a rule means and what to do, as Markdown without a heading: code scanning and docs/when-verify-says-no.md show it. */
export function ruleMarkdown({ means, readers, who, steps }: VerifyRule): string {
  return [
    means,
    `**Meanwhile.** ${readers}`,
    `**Who can do it.** ${who}`,
    `**What to do.**\n\n${steps.map((step, i) => `${i + 1}. ${step}`).join("\n")}`,
  ].join("\n\n");
}

/** The same as plain text. */
export function ruleText(rule: VerifyRule): string {
  return ruleMarkdown(rule).replaceAll(/\*\*|`/g, "");
}
