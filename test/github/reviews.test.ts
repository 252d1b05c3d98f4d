import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Acme, startAcme } from "./acme.ts";
import { deleteAccount } from "./model/rights.ts";
import {
  ACME_REPO,
  acmeApi,
  type Answer,
  approve,
  dismiss,
  mergeAs,
  openPull,
  pushFiles,
  review,
  run,
  send,
} from "./people.ts";

let acme: Acme;
let number: number;
beforeEach(async () => {
  acme = await startAcme();
  const { github, repo, people } = acme;
  await pushFiles(github, repo, "topic", people.bob, { "a.txt": "a\n" }, "main");
  number = await openPull(github, repo, people.bob, { head: "topic", base: "main" });
});
afterEach(() => acme.github.stop());

const api = acmeApi(() => acme);

/** Turns on the rules of a decisions branch for `main`. */
async function protect(parameters: object): Promise<void> {
  const rule = {
    required_approving_review_count: 0,
    require_code_owner_review: false,
    require_last_push_approval: false,
    dismiss_stale_reviews_on_push: false,
    required_review_thread_resolution: false,
    ...parameters,
  };
  const made = await api("POST", "/rulesets", {
    name: "decisions",
    target: "branch",
    enforcement: "active",
    conditions: { ref_name: { include: ["~DEFAULT_BRANCH"], exclude: [] } },
    rules: [{ type: "pull_request", parameters: rule }],
  });
  expect(made.status, made.text).toBe(201);
}

function merge(): Promise<Answer> {
  return mergeAs(acme.github, acme.repo, number, acme.people.carol);
}

describe("reviews of the stand-in", () => {
  it("are bound to a commit, and cannot be given to oneself", async () => {
    const first = await acme.repo.ref("refs/heads/topic");
    const own = await api("POST", `/pulls/${number}/reviews`, { event: "APPROVE" }, acme.people.bob);
    expect(own).toMatchObject({ status: 422, fields: { errors: ["Can not approve your own pull request"] } });
    const head = await pushFiles(acme.github, acme.repo, "topic", acme.people.bob, { "a.txt": "b\n" });
    await approve(acme.github, acme.repo, number, acme.people.alice);
    await review(acme.github, acme.repo, number, acme.people.carol, { event: "APPROVE", commit_id: first! });
    expect((await api("GET", `/pulls/${number}/reviews`)).body).toMatchObject([
      { user: { login: "alice" }, state: "APPROVED", commit_id: head },
      { user: { login: "carol" }, state: "APPROVED", commit_id: first },
    ]);
    const alien = await api("POST", `/pulls/${number}/reviews`, { event: "APPROVE", commit_id: acme.code });
    expect(alien.status).toBe(422);
  });

  it("of a workflow are refused where the switch is off, and count for the forge where it is on", async () => {
    await protect({ required_approving_review_count: 1 });
    const by = { token: acme.tokens.workflow };
    const path = `${ACME_REPO}/pulls/${number}/reviews`;
    const refused = await send(acme.github, by, "POST", path, { event: "APPROVE" });
    expect(refused).toMatchObject({
      status: 422,
      fields: { errors: ["GitHub Actions is not permitted to approve pull requests."] },
    });
    expect((await merge()).status).toBe(405);
    acme.repo.features.settings.canApprove = true;
    expect((await send(acme.github, by, "POST", path, { event: "APPROVE" })).status).toBe(200);
    expect((await merge()).status).toBe(200);
  });

  it("stay hidden while they are pending", async () => {
    const made = await api("POST", `/pulls/${number}/reviews`, { body: "Draft" });
    expect(made.fields["state"]).toBe("PENDING");
    const id = String(made.fields["id"]);
    expect((await api("GET", `/pulls/${number}/reviews`, undefined, acme.people.carol)).body).toEqual([]);
    const sent = await api("POST", `/pulls/${number}/reviews/${id}/events`, { event: "APPROVE" });
    expect(sent.fields["state"]).toBe("APPROVED");
  });

  it("tell their dismissal in the timeline with what they were", async () => {
    const id = await approve(acme.github, acme.repo, number, acme.people.carol);
    acme.github.world.advance(60_000);
    await dismiss(acme.github, acme.repo, number, id, acme.people.alice, "Wrong build");
    expect((await api("GET", `/pulls/${number}/reviews`)).body).toMatchObject([{ id, state: "DISMISSED" }]);
    const { body } = await api("GET", `/issues/${number}/timeline`);
    expect(body).toMatchObject([
      { event: "committed" },
      { event: "reviewed", state: "dismissed", user: { login: "carol" } },
      {
        event: "review_dismissed",
        actor: { login: "alice" },
        dismissed_review: { state: "approved", review_id: id, dismissal_message: "Wrong build" },
      },
    ]);
    expect((await api("GET", `/issues/${number}/events`)).body).toMatchObject([{ event: "review_dismissed" }]);
  });

  it("may be asked of collaborators only, and never of the author", async () => {
    const ask = (login: string): Promise<Answer> =>
      api("POST", `/pulls/${number}/requested_reviewers`, { reviewers: [login] });
    expect(await ask("bob")).toMatchObject({
      status: 422,
      text: "Review cannot be requested from pull request author.",
    });
    acme.github.addAccount("dave");
    expect((await ask("dave")).text).toContain("is not a collaborator of the acme/notes repository");
    expect(await ask("carol")).toMatchObject({ status: 201, fields: { requested_reviewers: [{ login: "carol" }] } });
    await approve(acme.github, acme.repo, number, acme.people.carol);
    expect((await api("GET", `/pulls/${number}/requested_reviewers`)).body).toEqual({ users: [], teams: [] });
  });

  it("of a deleted account have no user, and its login is free for another id", async () => {
    await approve(acme.github, acme.repo, number, acme.people.carol);
    const { id } = acme.people.carol;
    deleteAccount(acme.github.world, acme.people.carol);
    expect((await api("GET", `/pulls/${number}/reviews`)).body).toMatchObject([{ user: null }]);
    expect((await api("GET", "/collaborators/carol/permission")).status).toBe(404);
    const again = acme.github.addAccount("carol");
    expect(again.id).not.toBe(id);
    expect((await send(acme.github, acme.people.alice, "GET", "/users/carol")).fields["id"]).toBe(again.id);
    acme.people.alice.login = "alicia";
    expect((await send(acme.github, acme.people.alice, "GET", `/user/${acme.people.alice.id}`)).fields["login"]).toBe(
      "alicia",
    );
  });
});

describe("rules of the stand-in", () => {
  it("want approvals of people who may write, and none who ask for changes", async () => {
    await protect({ required_approving_review_count: 2 });
    const dave = acme.github.addAccount("dave");
    await approve(acme.github, acme.repo, number, dave);
    await approve(acme.github, acme.repo, number, acme.people.alice);
    const refused = await merge();
    expect(refused.status).toBe(405);
    expect(refused.text).toContain("At least 2 approving reviews are required by reviewers with write access.");
    await review(acme.github, acme.repo, number, acme.people.carol, { event: "REQUEST_CHANGES" });
    expect((await merge()).text).toContain("Changes have been requested.");
    await approve(acme.github, acme.repo, number, acme.people.carol);
    expect((await merge()).status).toBe(200);
  });

  it("dismiss approvals when the head moves, where they say so", async () => {
    await protect({ required_approving_review_count: 1, dismiss_stale_reviews_on_push: true });
    await approve(acme.github, acme.repo, number, acme.people.carol);
    await pushFiles(acme.github, acme.repo, "topic", acme.people.bob, { "a.txt": "evil\n" });
    expect((await api("GET", `/pulls/${number}/reviews`)).body).toMatchObject([{ state: "DISMISSED" }]);
    expect((await merge()).status).toBe(405);
  });

  it("want the last push approved by somebody else, where they say so", async () => {
    await protect({ required_approving_review_count: 1, require_last_push_approval: true });
    await approve(acme.github, acme.repo, number, acme.people.carol);
    await pushFiles(acme.github, acme.repo, "topic", acme.people.carol, { "a.txt": "hers\n" });
    await approve(acme.github, acme.repo, number, acme.people.carol);
    expect((await merge()).text).toContain("New changes require approval from someone other than the last pusher.");
    await approve(acme.github, acme.repo, number, acme.people.alice);
    expect((await merge()).status).toBe(200);
  });

  it("read code owners from the base branch, not from the head", async () => {
    await pushFiles(acme.github, acme.repo, "main", acme.people.alice, { CODEOWNERS: "* @alice\n/docs/ @carol\n" });
    await pushFiles(acme.github, acme.repo, "topic", acme.people.bob, { ".github/CODEOWNERS": "* @carol\n" });
    await protect({ require_code_owner_review: true });
    await approve(acme.github, acme.repo, number, acme.people.carol);
    expect((await merge()).text).toContain("Waiting on code owner review from alice.");
    await approve(acme.github, acme.repo, number, acme.people.alice);
    expect((await merge()).status).toBe(200);
  });
});

describe("code owners of the stand-in", () => {
  it("who may not write are ignored, so that nobody is asked: a mistake that only the list of errors tells", async () => {
    await pushFiles(acme.github, acme.repo, "main", acme.people.alice, { CODEOWNERS: "* @nobody\n" });
    await protect({ require_code_owner_review: true });
    expect((await api("GET", "/codeowners/errors")).fields["errors"]).toMatchObject([{ kind: "Unknown owner" }]);
    expect((await merge()).status).toBe(200);
  });
});

describe("workflow runs of the stand-in", () => {
  it("name actor, starter of the attempt, event, path and code", async () => {
    const first = await run(acme.github, acme.repo, acme.people.bob);
    await run(acme.github, acme.repo, acme.people.bob, {
      id: first.id,
      attempt: 2,
      triggeringActor: acme.people.carol,
    });
    expect((await api("GET", `/actions/runs/${first.id}`)).fields).toMatchObject({
      run_attempt: 2,
      actor: { login: "bob" },
      triggering_actor: { login: "carol" },
      event: "workflow_dispatch",
      path: ".github/workflows/promote.yml",
      head_branch: "main",
      head_sha: acme.code,
      head_repository: { id: acme.repo.id },
    });
    const attempt = await api("GET", `/actions/runs/${first.id}/attempts/1`);
    expect(attempt.fields).toMatchObject({ run_attempt: 1, triggering_actor: { login: "bob" } });
    expect((await api("GET", "/actions/runs/1")).status).toBe(404);
  });
});
