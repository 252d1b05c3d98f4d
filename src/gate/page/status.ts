import { printable } from "../../kernel/text.ts";
import { shortOid } from "../../kernel/oid.ts";
import type { ProposalStatus } from "../../ports/forge.ts";
import type { Approvals } from "../core/approvals.ts";
import type { RuleResult, Verdict } from "../core/verdict.ts";
import type { Description } from "./description.ts";

/** Longest text of a commit status on GitHub. */
const MAX_LENGTH = 140;

/**
 * Says a verdict in the words of a commit status. The same verdict gives the same words a minute later, so that no status is posted
 * anew for the time that passed.
 */
export function statusOf(
  verdict: Verdict,
  approvals: Pick<Approvals, "counted" | "needed"> | null,
  needs: Description["needs"],
): ProposalStatus {
  const texts = { approvals, needs, head: shortOid(verdict.head) };
  const of = (status: RuleResult["status"]) => verdict.rules.filter((rule) => rule.status === status);
  const [refusal, ...more] = of("refuse");
  if (refusal !== undefined) {
    const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
    return shortStatus("failure", `Refused: ${refusal.rule}${others}. ${sentence(refusal.message)}`);
  }
  const [unknown] = of("unknown");
  if (unknown !== undefined)
    return shortStatus("error", `Unknown: ${unknown.rule}. ${sentence(unknown.message)}. gate sync tries again`);
  const waits = of("wait").toSorted((a, b) => Number(isAboutPeople(b.rule)) - Number(isAboutPeople(a.rule)));
  if (waits.length > 0) return shortStatus("pending", `Waits: ${listed(waits.map((rule) => waiting(rule, texts)))}`);
  return shortStatus("success", `Ready: ${listed(of("ok").flatMap((rule) => ready(rule, texts)))}`);
}

interface Texts {
  readonly approvals: Pick<Approvals, "counted" | "needed"> | null;
  readonly needs: Description["needs"];
  readonly head: string;
}

function waiting({ rule, message }: RuleResult, { approvals, needs }: Texts): string {
  if (isAboutPeople(rule) && approvals !== null) return `${count(approvals)} approvals`;
  return needs.find((need) => need.rule === rule)?.text ?? `${rule} ${sentence(message)}`;
}

function ready({ rule, message }: RuleResult, { approvals, head }: Texts): readonly string[] {
  if (rule === "approvals" && approvals !== null) return [`${count(approvals)} approvals of ${head}`];
  if (rule === "soak" && message !== "none asked") return ["soak done"];
  if (rule === "freeze" && message !== "no windows") return [sentence(message)];
  return [];
}

/** A merge that only lacks its proof waits for the people who give it. */
function isAboutPeople(rule: string): boolean {
  return rule === "approvals" || rule === "proof";
}

function count({ counted, needed }: Pick<Approvals, "counted" | "needed">): string {
  return `${counted.length} of ${needed}`;
}

function listed(parts: readonly string[]): string {
  return parts.length === 0 ? "every rule of policy holds" : [...new Set(parts)].join(", ");
}

/** Makes times in a sentence as people read them. */
function sentence(text: string): string {
  return text.replaceAll(/(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}(?:\.\d+)?Z/g, "$1 $2 UTC");
}

/** Makes a status, cut to the length that GitHub takes. */
export function shortStatus(state: ProposalStatus["state"], text: string): ProposalStatus {
  const whole = printable(text, 1000);
  if (whole.length <= MAX_LENGTH) return { state, description: whole };
  // GitHub counts characters; code units are never fewer.
  let cut = "";
  for (const character of whole) {
    if (cut.length + character.length >= MAX_LENGTH) break;
    cut += character;
  }
  return { state, description: `${cut}…` };
}
