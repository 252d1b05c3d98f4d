import { inline, type Span } from "../../kernel/markdown.ts";
import type { ProposalStatus } from "../../ports/forge.ts";
import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import type { Decision, Decisions, Unhonoured } from "../core/decisions.ts";
import type { Subject } from "../core/judge.ts";
import { type AnyDecisionKind, decisionKindAt } from "../decision-kind.ts";
import type { Standing } from "./description.ts";
import { shortStatus } from "./status.ts";

/** A comment that is written once for its event. */
export interface Comment {
  readonly event: string;
  readonly text: string;
}

/** What comments are made from. */
export interface CommentOn {
  readonly decisionKinds: readonly AnyDecisionKind[];
  readonly decisions: Decisions;
}

/** Says to a proposal that another decision came first, and how to ask again. */
export function supersededComment(
  on: CommentOn,
  { path, document, header }: Pick<Subject, "path" | "document" | "header">,
  winner: { readonly id: string | null; readonly number: number | null },
): Comment {
  const from = on.decisions.merged.find(({ proposalId }) => proposalId === header.from?.proposal_id);
  const now = standingOf(on, on.decisions.find(path));
  const before = standingOf(on, from);
  const who: readonly Span[] =
    winner.number === null ? [winner.id === null ? "Another decision" : { code: winner.id }] : [];
  const text = inline(
    ...who,
    ` was merged first${now === null ? "" : `, so ${now.subject} is now ${now.value}`}. This proposal was made from `,
    before === null ? "an earlier decision" : before.value,
    " and cannot apply; its approvals do not carry over. ",
    ...again(on, path, document),
  );
  // A number of ours is the one reference that is meant to be one.
  return { event: "superseded", text: winner.number === null ? text : `#${winner.number}${text}` };
}

/** The status of a proposal that lost. */
export function supersededStatus({ number }: { readonly number: number | null }): ProposalStatus {
  const by = number === null ? "another decision" : `#${number}`;
  return shortStatus("failure", `Superseded by ${by}; the last comment says how to repeat`);
}

/** Says to a merged proposal that its merge changed nothing, and how to ask again. */
export function notHonouredComment(
  on: CommentOn,
  merge: Unhonoured,
  document: Documents[DocumentName] | null,
): Comment {
  const { path, subject, keeps } = standingAt(on, merge, document);
  const text = inline(
    `This merge did not change ${subject}: ${merge.message}. ${keeps}. Check it: `,
    { code: "waybill state verify" },
    ". ",
    ...again(on, path, document),
  );
  return { event: "not_honoured", text };
}

/** Says to a merged proposal that its proof is not there yet. */
export function pendingComment(on: CommentOn, merge: Unhonoured, number: number): Comment {
  const { keeps } = standingAt(on, merge, null);
  const text = inline(
    " is merged, its proof is not recorded yet. ",
    `${keeps} until `,
    { code: "waybill gate sync" },
    " has run.",
  );
  return { event: "pending", text: `#${number}${text}` };
}

/** What the path of a merge is about, and what stays in force there. */
function standingAt(
  on: CommentOn,
  { paths }: Unhonoured,
  document: Documents[DocumentName] | null,
): { readonly path: string; readonly subject: string; readonly keeps: string } {
  const path = paths.find((one) => decisionKindAt(on.decisionKinds, one) !== undefined) ?? paths[0] ?? "";
  const now = standingOf(on, on.decisions.find(path));
  const asked = document === null ? null : (decisionKindAt(on.decisionKinds, path)?.standing?.(document) ?? null);
  const subject = now?.subject ?? asked?.subject ?? "what is in force";
  return { path, subject, keeps: now === null ? "What was before stays in force" : `Everyone keeps ${now.value}` };
}

function standingOf({ decisionKinds }: CommentOn, decision: Decision | undefined): Standing | null {
  if (decision === undefined) return null;
  return decisionKindAt(decisionKinds, decision.path)?.standing?.(decision.document) ?? null;
}

function again({ decisionKinds }: CommentOn, path: string, document: Documents[DocumentName] | null): readonly Span[] {
  const command = document === null ? undefined : decisionKindAt(decisionKinds, path)?.command?.(document);
  return command === undefined ? ["Propose it again."] : ["Propose it again: ", { code: command }];
}
