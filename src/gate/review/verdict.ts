import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { View } from "../../state/view.ts";
import { colourOf, type RuleResult, type Verdict } from "../core/verdict.ts";
import { decisionKindAt } from "../decision-kind.ts";
import type { GateGround } from "../ground.ts";
import type { OpenProposal } from "./open-proposal.ts";
import { givenUpProblem } from "../kinds/rewrite.ts";
import type { Decisions } from "../core/decisions.ts";

/**
 * What policy says of an open proposal now: what the fold would say of its merge, and besides whether what it names of facts is still
 * true, what is stored of it, and the holds that are advice.
 */
export async function verdictOf(
  on: Pick<GateGround, "decisionKinds" | "artifacts" | "store" | "schemas"> & {
    readonly facts: View;
    readonly decisions: Decisions;
  },
  { proposal, judgement }: OpenProposal,
): Promise<Verdict> {
  const rules = [...judgement.rules, ...(await factRows(on, judgement.subject))];
  return { colour: colourOf(rules), head: proposal.head, policyCommit: on.decisions.policy.commit, rules };
}

async function factRows(
  on: Parameters<typeof verdictOf>[0],
  subject: OpenProposal["judgement"]["subject"],
): Promise<readonly RuleResult[]> {
  const { decisionKinds, artifacts, facts, decisions } = on;
  const kind = subject && decisionKindAt(decisionKinds, subject.path);
  if (!kind || !subject) return [];
  const requester = { verified: subject.approvals.requesterVerified };
  try {
    const problems = [
      ...givenUpProblem(decisions, facts.at, subject.header),
      ...(await kind.agrees(facts, subject.document, decisions, on)),
    ];
    const seen: readonly RuleResult[] =
      problems.length === 0
        ? [{ rule: "seen", status: "ok", message: "what it names of facts is still so" }]
        : problems.map(({ message }) => ({ rule: "seen", status: "refuse", message }));
    const advice = (await kind.advice?.(facts, subject.document, requester)) ?? [];
    const stored = artifacts === undefined ? [] : ((await kind.stored?.(artifacts, facts, subject.document)) ?? []);
    return [...seen, ...advice, ...stored];
  } catch (cause) {
    // Facts that cannot be read must not hide the other proposals.
    if (cause instanceof ToolError)
      return [{ rule: "seen", status: "unknown", message: printable(cause.message, 300) }];
    throw cause;
  }
}
