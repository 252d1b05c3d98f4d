import type { GateChange } from "../../schema/types.gen.ts";
import type { Subject } from "../core/judge.ts";
import { type AnyDecisionKind, decisionKindAt } from "../decision-kind.ts";
import type { DescribeOn, Line } from "./description.ts";
import { describeDecision } from "./present.ts";

/** What is another one after the merge, in plain words: approvers are not to sign what they have not seen. Empty where nobody can say. */
export async function changesOf(
  on: DescribeOn,
  kinds: readonly AnyDecisionKind[],
  subject: Subject,
): Promise<readonly GateChange[]> {
  const kind = decisionKindAt(kinds, subject.path);
  const { description } = kind === undefined ? { description: null } : await describeDecision(on, kind, subject);
  return (description?.compared ?? []).map(({ name, now, after }) => ({
    name,
    now: textOf(now),
    after: textOf(after),
  }));
}

function textOf(line: Line): string {
  return line.map(wordsOf).join("");
}

function wordsOf(span: Line[number]): string {
  if (typeof span === "string") return span;
  if ("code" in span) return span.code;
  return "strong" in span ? span.strong : span.text;
}
