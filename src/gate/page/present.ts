import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { ProposalPage, ProposalStatus } from "../../ports/forge.ts";
import type { Subject } from "../core/judge.ts";
import { own } from "../core/requirement.ts";
import type { Verdict } from "../core/verdict.ts";
import { type AnyDecisionKind, decisionKindAt } from "../decision-kind.ts";
import type { OpenProposal } from "../review/open-proposal.ts";
import { bodyOf, plainBody } from "./body.ts";
import type { DescribeOn, Description } from "./description.ts";
import { statusOf } from "./status.ts";

/** What a page is made from, besides the proposal. */
export interface PresentOn extends DescribeOn {
  readonly decisionKinds: readonly AnyDecisionKind[];
}

/** What people see of a proposal: its page, and its verdict as a status. */
export interface Presented {
  readonly page: ProposalPage;
  readonly status: ProposalStatus;
}

/** Longest title that GitHub takes is 256 characters. */
const MAX_TITLE = 200;

/**
 * Makes page and status of an open proposal. The same decision, facts, view and verdict give the same bytes, so that a sync writes
 * only what changed. Facts that cannot be read make a poorer page, and no failure.
 */
export async function presentProposal(on: PresentOn, open: OpenProposal, verdict: Verdict): Promise<Presented> {
  const { proposal, judgement } = open;
  const { subject } = judgement;
  const kind = subject && decisionKindAt(on.decisionKinds, subject.path);
  const about = { proposal, judgement, verdict, forge: on.forge };
  if (!subject || !kind) {
    const title = `Proposal ${proposal.id}`;
    const page = { title, body: plainBody(about), labels: [], reviewers: [] };
    return { page, status: statusOf(verdict, null, []) };
  }
  const title = printable(kind.title(subject.document, on.decisions.find(subject.path)), MAX_TITLE);
  const described = await describeDecision(on, kind, subject);
  const page = {
    title,
    body: bodyOf({ ...about, subject, title, ...described }),
    labels: [`waybill:${described.description?.label ?? kind.kind}`],
    reviewers: reviewersOf(on, subject),
  };
  return { page, status: statusOf(verdict, subject.approvals, described.description?.needs ?? []) };
}

type Described =
  | { readonly description: Description; readonly problem: null }
  | { readonly description: null; readonly problem: string | null };

/** Describes a decision as its kind does; null where the kind has no words, or where facts that it needs cannot be read. */
export async function describeDecision(
  on: DescribeOn,
  kind: NonNullable<ReturnType<typeof decisionKindAt>>,
  { document }: Subject,
): Promise<Described> {
  if (kind.describe === undefined) return { description: null, problem: null };
  try {
    return { description: await kind.describe(on, document), problem: null };
  } catch (cause) {
    // Whoever may push facts may break them; the verdict says so too.
    if (cause instanceof ToolError) return { description: null, problem: cause.message };
    throw cause;
  }
}

/** Accounts of the people who may still say yes, in the order of policy's names. */
function reviewersOf({ decisions }: PresentOn, { requirement, approvals }: Subject): readonly number[] {
  const { people } = decisions.policy.document;
  const free = requirement.approvers.filter((name) => !approvals.requesters.includes(name));
  return free.flatMap((name) => own(people, name)?.github?.id ?? []);
}
