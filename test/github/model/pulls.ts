import type { FakeRepository } from "../repository.ts";
import type { FakeAccount } from "../route.ts";

/** States of a review as GitHub shows them. */
export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";

/** One review; `user` becomes null in answers when the account is deleted. */
export interface FakeReview {
  readonly id: number;
  readonly user: FakeAccount;
  body: string;
  state: ReviewState;
  readonly commitId: string;
  submittedAt: string | null;
}

/** A pull request. Its head is what the head's ref holds while it is open; `headSha` is what was seen last. */
export interface FakePull {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string | null;
  state: "closed" | "open";
  draft: boolean;
  readonly user: FakeAccount;
  /** Null once the fork is deleted. */
  headRepo: FakeRepository | null;
  readonly headOwner: FakeAccount;
  readonly headRef: string;
  headSha: string;
  base: string;
  /** Tip of the base when the head last moved, as GitHub shows it. */
  baseSha: string;
  /** Tip of the base when it was looked at last. */
  baseTip: string;
  /** Head that `baseSha` belongs to. */
  baseOf: string;
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedAt: string | null;
  mergedBy: FakeAccount | null;
  mergeCommit: string | null;
  /** Who pushed the newest commits; the opener at first. */
  lastPusher: FakeAccount | null;
  /** Head and base whose conflict a read has shown already; null where none did. */
  seenConflict: string | null;
  /** Who deleted the head's branch, where that closed it. */
  headDeleter: FakeAccount | null;
  readonly reviews: FakeReview[];
  requested: FakeAccount[];
}

/** All pull requests of one repository. */
export class Pulls {
  readonly all: FakePull[] = [];
  /** Reads of open ones that still answer `mergeable: null`, as GitHub does until it has looked. */
  readsUntilMergeable = 0;
  /** Who moved each ref last, by full name. */
  readonly pushers = new Map<string, FakeAccount | null>();
  /** Repositories whose moves are listened to already. */
  readonly watched = new Set<FakeRepository>();
  #last: Promise<unknown> = Promise.resolve();

  /** Runs one change of pull requests after the other, so that no two of them merge on one base. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Finds one by its number. */
  get(number: number): FakePull | undefined {
    return this.all.find((pull) => pull.number === number);
  }

  /** The open one of a branch of a repository into a base. */
  open(headRepo: FakeRepository, headRef: string, base: string): FakePull | undefined {
    return this.all.find(
      (pull) => pull.state === "open" && pull.headRepo === headRepo && pull.headRef === headRef && pull.base === base,
    );
  }
}

/** What a conflict is between, to know again whether it was seen. */
export function conflictOf(pull: FakePull): string {
  return `${pull.headSha} ${pull.baseTip}`;
}

/** The newest verdict of each person, comments left out; a dismissed review is no verdict. */
export function verdicts(reviews: readonly FakeReview[]): readonly FakeReview[] {
  const byPerson = new Map<number, FakeReview>();
  for (const review of reviews) {
    if (review.state === "COMMENTED" || review.state === "PENDING") continue;
    byPerson.set(review.user.id, review);
  }
  return [...byPerson.values()].filter((review) => review.state !== "DISMISSED");
}

/** What judging the reviews of a pull request needs from outside. */
export interface Approving {
  readonly headSha: string;
  readonly authorId: number;
  readonly lastPusherId: number | null;
  /** Whether an account's approval counts: it may write, or it is the workflow's where the switch is on. */
  readonly counts: (account: FakeAccount) => boolean;
  /** Owners of each changed file that has any, as groups of which one must approve. */
  readonly ownerGroups: readonly (readonly string[])[];
  readonly owns: (account: FakeAccount, owner: string) => boolean;
}

/** Rules of a `pull_request` rule that the reviews do not meet, in GitHub's own texts. */
export function reviewProblems(
  rule: { readonly approvals: number; readonly codeOwners: boolean; readonly lastPush: boolean },
  reviews: readonly FakeReview[],
  ground: Approving,
): readonly string[] {
  const counted = verdicts(reviews).filter(
    (review) => review.user.id !== ground.authorId && ground.counts(review.user),
  );
  const approvals = counted.filter((review) => review.state === "APPROVED");
  const problems: string[] = [];
  if (counted.some((review) => review.state === "CHANGES_REQUESTED")) problems.push("Changes have been requested.");
  if (approvals.length < rule.approvals)
    problems.push(
      `At least ${rule.approvals} approving ${rule.approvals === 1 ? "review is" : "reviews are"} required by reviewers with write access.`,
    );
  const isMissing = (group: readonly string[]): boolean =>
    !approvals.some((review) => group.some((owner) => ground.owns(review.user, owner)));
  if (rule.codeOwners) {
    const missing = ground.ownerGroups.filter(isMissing);
    const names = [...new Set(missing.flat())].map((owner) => owner.replace(/^@/, ""));
    if (missing.length > 0) problems.push(`Waiting on code owner review from ${names.join(" and/or ")}.`);
  }
  const isFresh = (review: FakeReview): boolean =>
    review.commitId === ground.headSha && review.user.id !== ground.lastPusherId;
  if (rule.lastPush && !approvals.some(isFresh))
    problems.push("New changes require approval from someone other than the last pusher.");
  return problems;
}
