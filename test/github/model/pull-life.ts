import type { FakeRepository, RefMove } from "../repository.ts";
import type { Caller, FakeAccount } from "../route.ts";
import type { FakeWorld } from "../world.ts";
import type { FakeIssueEvent, IssueEventName } from "./issues.ts";
import type { FakePull, FakeReview } from "./pulls.ts";
import { pullRequestRule, rulesetsOf } from "./rulesets.ts";

/** Where a pull request lives. */
export interface PullPlace {
  readonly world: FakeWorld;
  readonly repo: FakeRepository;
}

/** Records what happened to an issue or a pull request. */
export function record(
  { world, repo }: PullPlace,
  issue: number,
  event: IssueEventName,
  actor: FakeAccount | null,
  more: Pick<FakeIssueEvent, "commitId" | "detail"> = {},
): void {
  repo.features.issues.events.push({ id: world.nextId(), issue, event, actor, createdAt: world.timestamp(), ...more });
}

/** The head's tip: its branch, null where that is deleted, and what was seen last where the whole fork is. */
export function headTip(pull: FakePull): Promise<string | null> {
  return pull.headRepo === null ? Promise.resolve(pull.headSha) : pull.headRepo.ref(`refs/heads/${pull.headRef}`);
}

/** Listens to pushes into the repositories of a pull request, whoever makes them. */
export function watch(place: PullPlace, headRepo: FakeRepository): void {
  const { pulls } = place.repo.features;
  for (const each of new Set([place.repo, headRepo])) {
    if (pulls.watched.has(each)) continue;
    pulls.watched.add(each);
    each.moved.push((move, by) => {
      if (each === place.repo) pulls.pushers.set(move.ref, by);
      for (const pull of pulls.all) if (isHead(pull, each, move.ref)) headMoved(place, pull, move, by);
    });
  }
}

function isHead(pull: FakePull, repo: FakeRepository, ref: string): boolean {
  return pull.state === "open" && pull.headRepo === repo && ref === `refs/heads/${pull.headRef}`;
}

/** A push to the head: new commits, perhaps dismissed approvals, or a head that is gone. */
function headMoved(place: PullPlace, pull: FakePull, move: RefMove, by: FakeAccount | null): void {
  const { world, repo } = place;
  const caller = callerOf(by);
  pull.updatedAt = world.timestamp();
  if (move.to === null) {
    record(place, pull.number, "head_ref_deleted", by);
    pull.headDeleter = by;
    // A head that was merged by a push is settled by the next read; it must not count as closed before.
    return;
  }
  if (move.isForced === true) record(place, pull.number, "head_ref_force_pushed", by, { commitId: move.to });
  pull.headSha = move.to;
  pull.lastPusher = by;
  dismissStale(place, pull, by);
  world.emit(repo, caller, "pull_request", {
    action: "synchronize",
    number: pull.number,
    before: move.from,
    after: move.to,
  });
}

/** Who acted, as far as a listener knows: only the account. */
function callerOf(account: FakeAccount | null): Caller | null {
  if (account === null) return null;
  const kind = account.login === "github-actions[bot]" ? "workflow" : account.type === "Bot" ? "app" : "user";
  return { account, kind, permissions: {}, repositories: null };
}

function dismissStale(place: PullPlace, pull: FakePull, by: FakeAccount | null): void {
  const { repo } = place;
  const rulesets = rulesetsOf(repo.features.rulesets, `refs/heads/${pull.base}`, repo.defaultBranch);
  if (pullRequestRule(rulesets)?.dismissStale !== true) return;
  for (const review of pull.reviews) {
    if (review.state === "APPROVED") dismiss(place, pull, review, by, null);
  }
}

/** Dismisses a review: it shows as dismissed, and the timeline keeps what it was. */
export function dismiss(
  place: PullPlace,
  pull: FakePull,
  review: FakeReview,
  by: FakeAccount | null,
  message: string | null,
): void {
  const state = review.state.toLowerCase();
  review.state = "DISMISSED";
  const dismissed_review = {
    state,
    review_id: review.id,
    dismissal_message: message,
    ...(message === null ? { dismissal_commit_id: pull.headSha } : {}),
  };
  record(place, pull.number, "review_dismissed", by, { detail: { dismissed_review } });
  place.world.emit(place.repo, callerOf(by), "pull_request_review", { action: "dismissed", number: pull.number });
}

/** Brings a pull request up to what git says: its head, and whether a push has merged or closed it. */
export async function settle(place: PullPlace, pull: FakePull): Promise<void> {
  if (pull.state !== "open") return;
  const { world, repo } = place;
  // A pull request outlives its fork.
  if (pull.headRepo !== null && !world.repositories.includes(pull.headRepo)) pull.headRepo = null;
  const head = await headTip(pull);
  if (head !== null) {
    pull.headSha = head;
    await keepHead(repo, pull);
  }
  const base = await repo.ref(`refs/heads/${pull.base}`);
  if (base !== null && base !== pull.baseTip) {
    if (await repo.isAncestor(pull.headSha, base)) {
      const by = repo.features.pulls.pushers.get(`refs/heads/${pull.base}`) ?? null;
      return close(place, pull, callerOf(by), await firstWith(repo, pull, base));
    }
    pull.baseTip = base;
  }
  if (pull.baseOf !== pull.headSha) Object.assign(pull, { baseSha: pull.baseTip, baseOf: pull.headSha });
  if (head === null || base === null) close(place, pull, callerOf(pull.headDeleter), null);
}

/** Keeps the head's commits here under `refs/pull/<number>/head`, as GitHub does, also those of a fork. */
async function keepHead(repo: FakeRepository, pull: FakePull): Promise<void> {
  const ref = `refs/pull/${pull.number}/head`;
  if (pull.headRepo === null || (await repo.ref(ref)) === pull.headSha) return;
  if (pull.headRepo === repo) await repo.git(["update-ref", ref, pull.headSha]);
  else await repo.take(pull.headRepo, pull.headSha, ref);
}

/** The commit by which the head came into the base: the first on the base's own line that reaches it. */
async function firstWith(repo: FakeRepository, pull: FakePull, base: string): Promise<string> {
  const list = await repo.git(["rev-list", "--first-parent", "--reverse", `${pull.baseTip}..${base}`]);
  for (const commit of list.split("\n")) if (await repo.isAncestor(pull.headSha, commit)) return commit;
  return pull.headSha;
}

/** Closes a pull request; with a commit it is merged. */
export function close(place: PullPlace, pull: FakePull, by: Caller | null, mergedAs: string | null): void {
  const { world, repo } = place;
  const at = world.timestamp();
  pull.state = "closed";
  pull.closedAt = at;
  pull.updatedAt = at;
  const actor = by?.account ?? null;
  if (mergedAs !== null) {
    Object.assign(pull, { mergedAt: at, mergedBy: actor, mergeCommit: mergedAs });
    record(place, pull.number, "merged", actor, { commitId: mergedAs });
  }
  record(place, pull.number, "closed", actor, { commitId: mergedAs });
  world.emit(repo, by, "pull_request", { action: "closed", number: pull.number, merged: mergedAs !== null });
}
