import { inline, type Span } from "../../kernel/markdown.ts";
import type { Forge, Proposal } from "../../ports/forge.ts";
import type { Subject } from "../core/judge.ts";
import type { Description } from "./description.ts";

/** People that are named before the rest is only counted. */
const MAX_NAMED = 20;

/** Says what a proposal needs: whose approvals and in which form, further conditions, and how it is merged. */
export function needsLine(on: {
  readonly proposal: Proposal;
  readonly subject: Subject;
  readonly description: Description | null;
  readonly forge: Pick<Forge, "name">;
}): string {
  const { subject, description } = on;
  const parts: readonly (readonly Span[])[] = [
    peopleSpans(subject),
    ...signSpans(on),
    ...(description?.needs ?? []).map(({ text }) => [text]),
    ["a merge commit (a squash or rebase does not count)"],
  ];
  const spans = parts.flatMap((part, i) => (i === 0 ? part : ["; ", ...part]));
  return inline({ strong: "Needs" }, " ", ...spans, ". ", { code: "waybill/verdict" }, " below has the latest.");
}

function peopleSpans({ approvals, requirement }: Subject): readonly Span[] {
  const { needed, requesters } = approvals;
  const mayOwn = requirement.requesterMayApprove;
  const free = requirement.approvers.filter((name) => mayOwn || !requesters.includes(name));
  if (free.length === 0) return ["an approval that policy lets nobody give"];
  const noun = requirement.proof === "signed" ? "signature" : "approval";
  const count = `${needed} ${noun}${needed === 1 ? "" : "s"} of this head by `;
  const barred = mayOwn ? [] : requirement.approvers.filter((name) => requesters.includes(name));
  const not: readonly Span[] = barred.length === 0 ? [] : [" (not ", ...named(barred), ", who asked)"];
  const why = approvals.requesterProblem;
  const extra = why === null ? [] : [` (${needed - 1} and one more, because ${why})`];
  return [count, ...named(free), ...not, ...extra, ...mergeSpans(approvals.byMerge)];
}

/** A forge lets nobody review the own pull request; where policy lets people approve their own, the merge says yes. */
function mergeSpans(byMerge: readonly string[]): readonly Span[] {
  return byMerge.length === 0 ? [] : ["; a merge by ", ...named(byMerge), " counts as that approval"];
}

/** Where only signatures count, a review does not, and people who are used to reviews must know. */
function signSpans({
  proposal,
  subject,
  forge,
}: {
  readonly proposal: Proposal;
  readonly subject: Subject;
  readonly forge: Pick<Forge, "name">;
}): readonly (readonly Span[])[] {
  if (subject.requirement.proof !== "signed") return [];
  const command = `waybill gate approve ${proposal.id} --server ${forge.name}`;
  return [["a review here does not count, this signs: ", { code: command }]];
}

function named(people: readonly string[]): readonly Span[] {
  const shown: readonly Span[] = people
    .slice(0, MAX_NAMED)
    .flatMap((name, i): readonly Span[] => (i === 0 ? [{ code: name }] : [", ", { code: name }]));
  return people.length <= MAX_NAMED ? shown : [...shown, ` and ${people.length - MAX_NAMED} more`];
}
