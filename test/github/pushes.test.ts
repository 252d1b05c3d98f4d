import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../support/git-repo.ts";
import { type Acme, startAcme } from "./acme.ts";
import { approve, openPull, pushFiles, send, tokenOf } from "./people.ts";
import type { FakeAccount } from "./route.ts";
import { GIT_ENV } from "./run-git.ts";

const run = promisify(execFile);
let acme: Acme;
let folder: ReturnType<typeof makeFolder>;
beforeEach(async () => {
  acme = await startAcme();
  folder = makeFolder();
});
afterEach(async () => {
  folder.remove();
  await acme.github.stop();
});

/** Runs git in a clone as a person; never synchronously, since the server lives in this process. */
async function git(by: FakeAccount, ...args: readonly string[]): Promise<string> {
  const login = `http.extraHeader=Authorization: basic ${Buffer.from(`x:${tokenOf(acme.github, by)}`).toString("base64")}`;
  const who = ["-c", `user.name=${by.login}`, "-c", `user.email=${by.login}@example.invalid`];
  const done = await run("git", ["-c", login, ...who, ...args], {
    cwd: folder.path,
    env: { ...GIT_ENV, HOME: folder.path },
  });
  return done.stdout.trim();
}

async function clone(): Promise<void> {
  await git(acme.people.bob, "clone", "--quiet", `${acme.github.serverUrl}/acme/notes.git`, ".");
}

async function ruleset(include: string, rules: readonly object[]): Promise<void> {
  const body = {
    name: include,
    enforcement: "active",
    conditions: { ref_name: { include: [include], exclude: [] } },
    rules,
  };
  const made = await send(acme.github, acme.people.alice, "POST", "/repos/acme/notes/rulesets", body);
  expect(made.status, made.text).toBe(201);
}

describe("a git push to the stand-in", () => {
  it("moves the head of a pull request and dismisses its approvals", async () => {
    const { github, repo, people } = acme;
    const parameters = {
      required_approving_review_count: 1,
      require_code_owner_review: false,
      require_last_push_approval: false,
      dismiss_stale_reviews_on_push: true,
      required_review_thread_resolution: false,
    };
    await ruleset("refs/heads/main", [{ type: "pull_request", parameters }]);
    await pushFiles(github, repo, "topic", people.bob, { "a.txt": "a\n" }, "main");
    const number = await openPull(github, repo, people.bob, { head: "topic", base: "main" });
    await approve(github, repo, number, people.carol);
    await clone();
    await git(people.bob, "checkout", "--quiet", "topic");
    await git(people.bob, "commit", "--quiet", "--amend", "--message", "Other");
    await git(people.bob, "push", "--quiet", "--force", "origin", "topic");
    const head = await git(people.bob, "rev-parse", "HEAD");
    const path = `/repos/acme/notes/pulls/${number}`;
    expect((await send(github, people.bob, "GET", path)).fields).toMatchObject({
      head: { sha: head },
      mergeable_state: "blocked",
    });
    expect((await send(github, people.bob, "GET", `${path}/reviews`)).body).toMatchObject([{ state: "DISMISSED" }]);
    const events = await send(github, people.bob, "GET", `/repos/acme/notes/issues/${number}/events`);
    expect(events.body).toMatchObject([
      { event: "head_ref_force_pushed", actor: { login: "bob" } },
      { event: "review_dismissed" },
    ]);
    await expect(git(people.alice, "push", "--quiet", "origin", "topic:main")).rejects.toThrow(
      "through a pull request",
    );
  });

  it("of its head into the base merges a pull request", async () => {
    const { github, repo, people } = acme;
    await pushFiles(github, repo, "topic", people.bob, { "a.txt": "a\n" }, "main");
    const number = await openPull(github, repo, people.bob, { head: "topic", base: "main" });
    await clone();
    await git(people.carol, "merge", "--quiet", "--no-ff", "-m", "By hand", "origin/topic");
    await git(people.carol, "push", "--quiet", "origin", "main", ":topic");
    const pull = await send(github, people.bob, "GET", `/repos/acme/notes/pulls/${number}`);
    const commit = await git(people.carol, "rev-parse", "main");
    expect(pull.fields).toMatchObject({ merged: true, merge_commit_sha: commit, merged_by: { login: "carol" } });
  });

  it("is refused where rules forbid force, deletion, or a burned tag", async () => {
    const { github, repo, people } = acme;
    await pushFiles(github, repo, "waybill/decisions", people.bob, { "policy.json": "{}" });
    await pushFiles(github, repo, "waybill/decisions", people.bob, { "policy.json": "[]" });
    await ruleset("refs/heads/waybill/*", [{ type: "non_fast_forward" }, { type: "deletion" }]);
    repo.lockedTags.set("v1", "burned");
    await clone();
    const tip = await repo.ref("refs/heads/waybill/decisions");
    const push = (spec: string): Promise<string> => git(people.alice, "push", "--force", "origin", spec);
    await expect(push("origin/waybill/decisions~1:waybill/decisions")).rejects.toThrow(
      /non-fast-forward|Cannot force-push/,
    );
    await expect(push(":waybill/decisions")).rejects.toThrow("Cannot delete this branch");
    await expect(push("HEAD:refs/tags/v1")).rejects.toThrow("tag_name was used by an immutable release");
    expect(await repo.ref("refs/heads/waybill/decisions")).toBe(tip);
    expect(await repo.ref("refs/tags/v1")).toBeNull();
  });
});
