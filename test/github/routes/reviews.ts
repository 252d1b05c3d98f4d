import { dismiss, record } from "../model/pull-life.ts";
import type { FakePull, FakeReview, ReviewState } from "../model/pulls.ts";
import { association, mayPush, permissionOf, reaches } from "../model/rights.ts";
import type { Call, FakeAccount, Reply, Routes } from "../route.ts";
import { forbidden, found, json, page, refusal, refusedText, unprocessable } from "./answers.ts";
import { fields, id, text, texts } from "./body.ts";
import { isHeldBack, pullOf, sender } from "./pull-place.ts";
import { showPull } from "./show-pull.ts";
import { repoPage, repoUrl } from "./show-repository.ts";
import { nodeId, showUser, showUserOrNull } from "./show-user.ts";

/** Reviews: submitting, dismissing, asking for them. */
export const reviews: Routes = {
  "pulls/create-review": create,
  "pulls/submit-review": submit,
  "pulls/list-reviews": async (call) => {
    const pull = await pullOf(call);
    return page(call, visible(call, pull), (review) => showReview(review, pull, call));
  },
  "pulls/get-review": async (call) => {
    const pull = await pullOf(call);
    return json(showReview(reviewOf(call, pull), pull, call));
  },
  "pulls/dismiss-review": dismissOne,
  "pulls/request-reviewers": request,
  "pulls/remove-requested-reviewers": unrequest,
  "pulls/list-requested-reviewers": async (call) => {
    const pull = await pullOf(call);
    return json({ users: pull.requested.map((account) => showUser(account, call.world)), teams: [] });
  },
};

const STATES: Readonly<Record<string, ReviewState>> = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
};

async function create(call: Call): Promise<Reply> {
  const body = fields(call);
  const pull = await pullOf(call);
  const event = text(body, "event") ?? "";
  refuseReview(call, pull, event, text(body, "body") ?? "");
  const commitId = text(body, "commit_id") ?? pull.headSha;
  if (!(await isOfPull(call, pull, commitId))) throw unprocessable("The commit is not part of the pull request");
  const review: FakeReview = {
    id: call.world.nextId(),
    user: sender(call).account,
    body: text(body, "body") ?? "",
    state: "PENDING",
    commitId,
    submittedAt: null,
  };
  pull.reviews.push(review);
  finish(call, pull, review, event);
  return json(showReview(review, pull, call));
}

async function isOfPull(call: Call, pull: FakePull, commitId: string): Promise<boolean> {
  if ((await call.repo.commitOf(commitId)) !== commitId) return false;
  // A head that was pushed over is still known to the pull request; what the base has is no part of it.
  return !(await call.repo.isAncestor(commitId, pull.baseSha));
}

/** The two refusals that decide how a human gate may be built, and what a review must have. */
function refuseReview(call: Call, pull: FakePull, event: string, body: string): void {
  const isVerdict = event === "APPROVE" || event === "REQUEST_CHANGES";
  if (isVerdict && pull.user.id === sender(call).account.id)
    throw unprocessable(`Can not ${event === "APPROVE" ? "approve" : "request changes on"} your own pull request`);
  if (event === "APPROVE" && isHeldBack(call))
    throw unprocessable("GitHub Actions is not permitted to approve pull requests.");
  if (body === "" && (event === "REQUEST_CHANGES" || event === "COMMENT")) throw unprocessable("Body is required");
}

function finish(call: Call, pull: FakePull, review: FakeReview, event: string): void {
  const state = STATES[event];
  if (state === undefined) return;
  review.state = state;
  review.submittedAt = call.world.timestamp();
  pull.updatedAt = review.submittedAt;
  pull.requested = pull.requested.filter((account) => account.id !== review.user.id);
  const payload = { action: "submitted", number: pull.number, state: state.toLowerCase() };
  call.world.emit(call.repo, call.caller, "pull_request_review", payload);
}

async function submit(call: Call): Promise<Reply> {
  const body = fields(call);
  const pull = await pullOf(call);
  const review = reviewOf(call, pull);
  const event = text(body, "event") ?? "";
  if (review.state !== "PENDING") throw refusedText("Cannot submit a review that is not pending.");
  refuseReview(call, pull, event, text(body, "body") ?? review.body);
  review.body = text(body, "body") ?? review.body;
  finish(call, pull, review, event);
  return json(showReview(review, pull, call));
}

/** Reviews in the order of their making; a pending one is seen by its writer only. */
function visible(call: Call, pull: FakePull): readonly FakeReview[] {
  return pull.reviews.filter((review) => review.state !== "PENDING" || review.user.id === call.caller?.account.id);
}

function reviewOf(call: Call, pull: FakePull): FakeReview {
  return found(visible(call, pull).find((review) => review.id === id(call, "review_id")));
}

async function dismissOne(call: Call): Promise<Reply> {
  const pull = await pullOf(call);
  const review = reviewOf(call, pull);
  if (!mayPush(call)) throw forbidden("Must have admin rights to Repository.");
  if (review.state !== "APPROVED" && review.state !== "CHANGES_REQUESTED")
    throw unprocessable(`Can not dismiss a ${review.state.toLowerCase()} pull request review`);
  dismiss(call, pull, review, sender(call).account, text(fields(call), "message") ?? null);
  return json(showReview(review, pull, call));
}

async function request(call: Call): Promise<Reply> {
  const pull = await pullOf(call);
  const asked = texts(fields(call), "reviewers").map((login) => reviewer(call, login));
  for (const account of asked) {
    if (account.id === pull.user.id) throw refusedText("Review cannot be requested from pull request author.");
  }
  for (const account of asked) {
    if (pull.requested.includes(account)) continue;
    pull.requested.push(account);
    recordRequest(call, pull, "review_requested", account);
  }
  return json(showPull(pull, call), 201);
}

function recordRequest(
  call: Call,
  pull: FakePull,
  event: "review_request_removed" | "review_requested",
  of: FakeAccount,
): void {
  const by = sender(call).account;
  const detail = { review_requester: showUser(by, call.world), requested_reviewer: showUser(of, call.world) };
  record(call, pull.number, event, by, { detail });
}

function reviewer(call: Call, login: string): FakeAccount {
  const account = call.world.account(login);
  if (account !== null && reaches(permissionOf(call.repo, account), "read") && call.repo.roleOf(account) !== null)
    return account;
  const what =
    "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a";
  throw refusal(422, `${what} collaborator of the ${call.repo.fullName} repository.`);
}

async function unrequest(call: Call): Promise<Reply> {
  const pull = await pullOf(call);
  const logins = new Set(texts(fields(call), "reviewers").map((login) => login.toLowerCase()));
  const leaves = (account: FakeAccount): boolean => logins.has(account.login.toLowerCase());
  for (const account of pull.requested.filter(leaves)) recordRequest(call, pull, "review_request_removed", account);
  pull.requested = pull.requested.filter((account) => !leaves(account));
  return json(showPull(pull, call));
}

/** A review in GitHub's form. */
export function showReview(review: FakeReview, pull: FakePull, call: Call): Readonly<Record<string, unknown>> {
  const pullUrl = `${repoUrl(call.repo, call.world)}/pulls/${pull.number}`;
  const html = `${repoPage(call.repo, call.world)}/pull/${pull.number}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: showUserOrNull(review.user, call.world),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullUrl,
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    ...(review.submittedAt === null ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.commitId,
    author_association: association(call.repo, review.user),
  };
}
