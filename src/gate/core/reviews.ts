import { shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { msOf } from "../../kernel/time.ts";
import type { UncountedApproval } from "./approvals.ts";
import type { CountedApproval } from "./decisions.ts";
import type { Account, Review } from "./forge-answers.ts";
import { personOf, type RequesterCase, requesterOnForge } from "./forge-requester.ts";
import type { Requirement } from "./requirement.ts";
import type { Testimony } from "./testimony.ts";

/** What reviews are counted from (spec/trust.md section 7). */
export interface ReviewCase extends RequesterCase {
  /** Made in another repository, or on a branch that is no proposal's. */
  readonly foreign: boolean;
  readonly requirement: Requirement;
  /** People who asked as the decision and its signatures say. */
  readonly asked: readonly string[];
  /** Whose token would merge an open proposal now; null where that is not known. */
  readonly merger: Account | null;
}

/** What is said of one review: it counts, it does not and why, or nobody can tell. */
type Said = { readonly counts: CountedApproval } | { readonly not: UncountedApproval } | { readonly unknown: string };

/** Judges the reviews of a pull request, and its merge by who asked, exactly by the predicate of spec/trust.md section 7. */
export function testimonyOf(on: ReviewCase): Testimony {
  const requester = requesterOnForge(on);
  const said = [...lastReviews(on).map((review) => saidOf(on, review)), ...lateReviews(on), ...strangers(on)];
  const asked = new Set([...on.asked, ...requester.people]);
  const approvals = [...said.flatMap((one) => ("counts" in one ? [one.counts] : [])), ...ownMerge(on, asked)];
  return {
    grade: on.requirement.proof === "attested" ? "attested" : "recorded",
    // As long as nobody knows who asked, any of them may be the requester's own.
    approvals: requester.unknown.length === 0 ? approvals : [],
    notCounted: said.flatMap((one) => ("not" in one ? [one.not] : [])),
    requesters: requester.people,
    requesterProblem: requester.problem,
    byMerge: [...asked].filter((person) => mayByMerge(on, person)),
    unknown: [...requester.unknown, ...said.flatMap((one) => ("unknown" in one ? [one.unknown] : []))],
    mergedAt: on.answers.merged?.at ?? null,
  };
}

/** The last verdict of each account before the merge; a comment is no verdict. */
function lastReviews({ answers: { reviews, merged } }: ReviewCase): readonly (Review & { readonly by: Account })[] {
  const last = new Map<number, Review & { readonly by: Account }>();
  for (const review of reviews) {
    const { by, verdict, submittedAt } = review;
    if (by === null || verdict === "commented" || isAfter(submittedAt, merged)) continue;
    const before = last.get(by.id);
    if (before === undefined || msOf(before.submittedAt) <= msOf(submittedAt)) last.set(by.id, { ...review, by });
  }
  return [...last.values()];
}

function lateReviews({ answers: { reviews, merged }, policy }: ReviewCase): readonly Said[] {
  const late = reviews.filter(({ verdict, submittedAt }) => verdict === "approved" && isAfter(submittedAt, merged));
  return late.flatMap(({ by }) => (by === null ? [] : [no(nameOf(policy, by), "approved after the merge")]));
}

function strangers({ answers: { reviews } }: ReviewCase): readonly Said[] {
  const gone = reviews.filter(({ by, verdict }) => by === null && verdict === "approved");
  return gone.map(() => no("a deleted account", "approved, and nobody can tell who it was"));
}

function saidOf(on: ReviewCase, review: Review & { readonly by: Account }): Said {
  const { by, mayWrite, submittedAt, commit } = review;
  const person = personOf(on.policy, by)?.[0];
  const who = nameOf(on.policy, by);
  const why = verdictProblem(on, review) ?? authorProblem(on, by, person) ?? placeProblem(on, review);
  if (why !== null || person === undefined || commit === null) return no(who, why ?? "approved nothing");
  if (mayWrite === null) return { unknown: `whether ${who} may write to the repository` };
  if (!mayWrite) return no(who, "may not write to the repository");
  return { counts: { person, id: String(by.id), method: "review", said: { login: by.login, commit, submittedAt } } };
}

function verdictProblem({ answers: { merged } }: ReviewCase, { verdict, dismissedAt }: Review): string | null {
  const isDismissed = dismissedAt !== null && !isAfter(dismissedAt, merged);
  if (verdict === "approved") return isDismissed ? "approved, which was dismissed" : null;
  return isDismissed ? "asked for changes, which was dismissed" : "asks for changes";
}

function authorProblem({ policy, requirement }: ReviewCase, by: Account, person: string | undefined): string | null {
  if (by.kind === "bot") return "is a bot";
  if (person !== undefined) return requirement.approvers.includes(person) ? null : "is not among the approvers";
  const namesake = Object.values(policy.people).some(
    ({ github }) => github?.login.toLowerCase() === by.login.toLowerCase(),
  );
  return namesake ? "has a login of policy.json and is another account" : "is nobody in policy.json";
}

function placeProblem({ foreign, answers: { retargeted }, head }: ReviewCase, { commit }: Review): string | null {
  if (foreign) return "approved a proposal that was not made here";
  if (retargeted) return "approved a proposal whose base branch was changed";
  if (commit === null) return "approved a commit that is gone";
  if (head.commits.some((own) => own.commit === commit)) return null;
  return `approved ${shortOid(commit)}, an older head`;
}

/** A forge does not let people review their own pull request; where the rule lets the requester approve, the own merge says it. */
function ownMerge(on: ReviewCase, asked: ReadonlySet<string>): readonly CountedApproval[] {
  const { answers, merger, head } = on;
  const by = answers.merged === null ? merger : answers.merged.by;
  const person = personOf(on.policy, by)?.[0];
  if (by?.kind !== "user" || person === undefined || !asked.has(person) || !mayByMerge(on, person)) return [];
  const said = { login: by.login, commit: head.head, submittedAt: answers.merged?.at ?? answers.at };
  return [{ person, id: String(by.id), method: "merge", said }];
}

function mayByMerge({ requirement, foreign, answers }: ReviewCase, person: string): boolean {
  const { proof, approvers, requesterMayApprove } = requirement;
  if (foreign || answers.retargeted || proof === "signed") return false;
  return requesterMayApprove && approvers.includes(person);
}

function isAfter(at: string, merged: ReviewCase["answers"]["merged"]): boolean {
  return merged !== null && msOf(at) > msOf(merged.at);
}

function nameOf(policy: ReviewCase["policy"], by: Account): string {
  return personOf(policy, by)?.[0] ?? printable(by.login, 80);
}

function no(who: string, why: string): Said {
  return { not: { who, why } };
}
