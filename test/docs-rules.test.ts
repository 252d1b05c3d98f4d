import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { verifyRules } from "../cli/verify-rules.ts";
import { ruleMarkdown } from "../src/state/verify/rule-text.ts";
import type { VerifyRule } from "../src/state/verify/rule.ts";

const PAGE = "docs/when-verify-says-no.md";
const MARK = /<!-- rules: .* -->\n/;

function sectionOf(rule: VerifyRule): string {
  return `### \`${rule.id}\`\n\n*${rule.title}.*\n\n${ruleMarkdown(rule)}\n`;
}

test("the page about a no has every rule in the words of the registry", async () => {
  const page = readFileSync(PAGE, "utf8");
  const [mark] = MARK.exec(page) ?? [];
  if (mark === undefined) throw new Error(`${PAGE} has no mark where the rules begin`);
  const of = (level: VerifyRule["level"]) => verifyRules.filter((rule) => rule.level === level).map(sectionOf);
  const parts = [
    page.slice(0, page.indexOf(mark)) + mark,
    "## Violations\n\nEach makes the answer no, exit 1.\n",
    ...of("violation"),
    "## Warnings\n\nNone of them breaks a rule or changes an answer of Waybill; the exit stays 0.\n",
    ...of("warning"),
  ];
  await expect(parts.join("\n")).toMatchFileSnapshot(`../${PAGE}`);
});
