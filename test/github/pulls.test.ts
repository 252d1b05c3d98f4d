import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Acme, startAcme } from "./acme.ts";
import {
  ACME_REPO,
  acmeApi,
  type Answer,
  approve,
  changePull,
  mergeAs,
  moveAs,
  openPull,
  pushFiles,
  send,
} from "./people.ts";

let acme: Acme;
beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.github.stop());

const api = acmeApi(() => acme);

/** A pull request of bob's that adds one file. */
async function proposal(
  branch = "topic",
  files: Readonly<Record<string, string>> = { "a.txt": "a\n" },
): Promise<number> {
  const { github, repo, people } = acme;
  await pushFiles(github, repo, branch, people.bob, files, "main");
  return openPull(github, repo, people.bob, { head: branch, base: "main", body: "Why" });
}

async function shown(number: number): Promise<Answer["fields"]> {
  return (await api("GET", `/pulls/${number}`)).fields;
}

async function eventsOf(number: number): Promise<readonly string[]> {
  const { body } = await api("GET", `/issues/${number}/timeline`);
  return Array.isArray(body)
    ? body.map((row: { event: string }) => row.event).filter((event) => event !== "committed")
    : [];
}

describe("opening a pull request on the stand-in", () => {
  it("refuses a second one, an empty one, unknown branches and unrelated histories", async () => {
    await proposal();
    const { people } = acme;
    const again = await api("POST", "/pulls", { title: "x", head: "topic", base: "main" }, people.bob);
    expect(again.status).toBe(422);
    expect(again.text).toContain("A pull request already exists for acme:topic.");
    await acme.repo.git(["update-ref", "refs/heads/same", acme.code]);
    expect((await api("POST", "/pulls", { title: "x", head: "same", base: "main" })).text).toContain(
      "No commits between",
    );
    expect((await api("POST", "/pulls", { title: "x", head: "none", base: "main" })).text).toContain('"field":"head"');
    expect((await api("POST", "/pulls", { title: "x", head: "topic", base: "none" })).text).toContain('"field":"base"');
    await pushFiles(acme.github, acme.repo, "orphan", people.bob, { "x.json": "{}" });
    const unrelated = await api("POST", "/pulls", { title: "x", head: "topic", base: "orphan" });
    expect(unrelated.text).toContain("no history in common");
  });

  it("is refused to a workflow while the switch is off, and marks the event when it is on", async () => {
    await proposal();
    await pushFiles(acme.github, acme.repo, "by-ci", acme.people.bob, { "b.txt": "b\n" }, "main");
    const body = { title: "x", head: "by-ci", base: "main" };
    const by = { token: acme.tokens.workflow };
    const refused = await send(acme.github, by, "POST", `${ACME_REPO}/pulls`, body);
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.text).toContain("GitHub Actions is not permitted to create or approve pull requests");
    acme.repo.features.settings.canApprove = true;
    expect((await send(acme.github, by, "POST", `${ACME_REPO}/pulls`, body)).status).toBe(201);
    const opened = acme.github.world.events.filter((event) => event.name === "pull_request");
    expect(opened.map((event) => [event.needsApproval, event.suppressed])).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  it("works from a fork, whose commits come along", async () => {
    const dave = acme.github.addAccount("dave");
    const fork = await acme.github.addRepository({ owner: dave, name: "notes", forkOf: acme.repo });
    const head = await pushFiles(acme.github, fork, "evil", dave, { "a.txt": "a\n" }, "main");
    const number = await openPull(acme.github, acme.repo, dave, { head: "dave:evil", base: "main" });
    const pull = await shown(number);
    expect(pull).toMatchObject({ head: { sha: head, label: "dave:evil", repo: { id: fork.id } }, mergeable: true });
    expect(await acme.repo.ref(`refs/pull/${number}/head`)).toBe(head);
    const next = await pushFiles(acme.github, fork, "evil", dave, { "a.txt": "b\n" });
    expect(await shown(number)).toMatchObject({ head: { sha: next } });
    acme.github.world.repositories.splice(acme.github.world.repositories.indexOf(fork), 1);
    fork.close();
    expect(await shown(number)).toMatchObject({ state: "open", head: { sha: next, repo: null }, mergeable: true });
  });
});

describe("a pull request on the stand-in", () => {
  it("names its commits in the timeline, and has a title and a body of bounded length", async () => {
    const number = await proposal();
    const rows = await api("GET", `/issues/${number}/timeline`);
    expect(rows.body).toMatchObject([
      { event: "committed", sha: await acme.repo.ref("refs/heads/topic"), author: { name: "bob" } },
    ]);
    const change = (body: object): Promise<Answer> => api("PATCH", `/pulls/${number}`, body);
    expect((await change({ title: "x".repeat(257) })).text).toContain("title is too long (maximum is 256 characters)");
    expect((await change({ body: "x".repeat(65_537) })).text).toContain(
      "body is too long (maximum is 65536 characters)",
    );
    expect((await change({ title: "x".repeat(256), body: "x".repeat(65_536) })).status).toBe(200);
    expect((await api("POST", `/issues/${number}/labels`, { labels: ["x".repeat(51)] })).status).toBe(422);
  });

  it("is opened once by two that race", async () => {
    await pushFiles(acme.github, acme.repo, "race", acme.people.bob, { "a.txt": "a\n" }, "main");
    const open = (): Promise<Answer> => api("POST", "/pulls", { title: "x", head: "race", base: "main" });
    const statuses = (await Promise.all([open(), open(), open()])).map((answer) => answer.status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 422, 422]);
  });

  it("tells files, commits, counts and its head as the branch moves", async () => {
    const number = await proposal("topic", { "a.txt": "a\nb\n", "docs/b.md": "b\n" });
    const head = await pushFiles(acme.github, acme.repo, "topic", acme.people.bob, {
      "a.txt": "a\nc\n",
      "README.md": null,
    });
    expect(await shown(number)).toMatchObject({
      head: { sha: head },
      base: { sha: acme.code },
      commits: 2,
      changed_files: 3,
      additions: 3,
      deletions: 1,
      mergeable: true,
      mergeable_state: "clean",
      user: { login: "bob" },
    });
    expect((await api("GET", `/pulls/${number}/files`)).body).toMatchObject([
      { filename: "README.md", status: "removed" },
      { filename: "a.txt", status: "added", patch: "@@ -0,0 +1,2 @@\n+a\n+c" },
      { filename: "docs/b.md", status: "added" },
    ]);
    const commits = await api("GET", `/pulls/${number}/commits`);
    expect(commits.body).toMatchObject([{ author: { login: "bob" } }, { sha: head, committer: { login: "bob" } }]);
  });

  it("is found by head, base and state, newest first", async () => {
    const [one, two] = [await proposal("one"), await proposal("two", { "b.txt": "b\n" })];
    await changePull(acme.github, acme.repo, one, acme.people.bob, { state: "closed" });
    const numbers = async (query: string): Promise<readonly number[]> => {
      const { body } = await api("GET", `/pulls?${query}`);
      return Array.isArray(body) ? body.map((row: { number: number }) => row.number) : [];
    };
    expect(await numbers("")).toEqual([two]);
    expect(await numbers("state=all")).toEqual([two, one]);
    expect(await numbers("state=all&head=acme:one")).toEqual([one]);
    expect(await numbers("state=closed&base=main")).toEqual([one]);
    expect(await numbers("state=all&base=other")).toEqual([]);
    await changePull(acme.github, acme.repo, one, acme.people.bob, { state: "open" });
    expect(await numbers("")).toEqual([two, one]);
    expect(await eventsOf(one)).toEqual(["closed", "reopened"]);
  });

  it("records that its base was changed, and keeps its reviews", async () => {
    const number = await proposal();
    await acme.repo.git(["update-ref", "refs/heads/next", acme.code]);
    await approve(acme.github, acme.repo, number, acme.people.carol);
    await changePull(acme.github, acme.repo, number, acme.people.bob, { base: "next", title: "Other" });
    expect(await shown(number)).toMatchObject({ base: { ref: "next" }, title: "Other" });
    expect(await eventsOf(number)).toEqual(["reviewed", "renamed", "base_ref_changed"]);
    expect((await api("GET", `/pulls/${number}/reviews`)).body).toMatchObject([{ state: "APPROVED" }]);
  });

  it("is closed when its branch is deleted", async () => {
    const number = await proposal();
    await moveAs(
      acme.github,
      acme.repo,
      acme.people.bob,
      "refs/heads/topic",
      await acme.repo.ref("refs/heads/topic"),
      null,
    );
    expect(await shown(number)).toMatchObject({ state: "closed", merged: false });
    expect(await eventsOf(number)).toEqual(["head_ref_deleted", "closed"]);
  });
});

describe("merging on the stand-in", () => {
  it("keeps both parents, names the head, and is committed by GitHub", async () => {
    const number = await proposal();
    const head = await acme.repo.ref("refs/heads/topic");
    const merged = await mergeAs(acme.github, acme.repo, number, acme.people.carol, { sha: head! });
    expect(merged).toMatchObject({ status: 200, fields: { merged: true } });
    const commit = String(merged.fields["sha"]);
    expect(await acme.repo.ref("refs/heads/main")).toBe(commit);
    expect(await acme.repo.git(["log", "-1", "--format=%P|%cn <%ce>|%s", commit])).toBe(
      `${acme.code} ${head}|GitHub <noreply@github.com>|Merge pull request #${number} from acme/topic`,
    );
    expect(await shown(number)).toMatchObject({
      merged: true,
      merge_commit_sha: commit,
      merged_by: { login: "carol" },
    });
    expect((await api("GET", `/pulls/${number}/merge`)).status).toBe(204);
    expect(await eventsOf(number)).toEqual(["merged", "closed"]);
    expect((await api("GET", `/commits/${commit}/pulls`)).body).toMatchObject([{ number }]);
    expect((await mergeAs(acme.github, acme.repo, number, acme.people.carol)).status).toBe(405);
  });

  it("is refused for another head, a draft, a conflict, and a method that is off", async () => {
    const number = await proposal();
    const other = await mergeAs(acme.github, acme.repo, number, acme.people.bob, { sha: acme.code });
    expect(other).toMatchObject({ status: 409 });
    expect(other.text).toBe("Head branch was modified. Review and try the merge again.");
    acme.repo.features.settings.mergeMethods.squash = false;
    expect((await mergeAs(acme.github, acme.repo, number, acme.people.bob, { merge_method: "squash" })).status).toBe(
      405,
    );
    await pushFiles(acme.github, acme.repo, "main", acme.people.alice, { "a.txt": "different\n" });
    const unseen = await mergeAs(acme.github, acme.repo, number, acme.people.bob);
    expect([unseen.status, unseen.text]).toEqual([409, "Merge conflict"]);
    expect(await shown(number)).toMatchObject({ mergeable: false, mergeable_state: "dirty", base: { sha: acme.code } });
    const conflict = await mergeAs(acme.github, acme.repo, number, acme.people.bob);
    expect([conflict.status, conflict.text]).toEqual([405, "Pull Request is not mergeable"]);
    await pushFiles(acme.github, acme.repo, "wip", acme.people.bob, { "w.txt": "w\n" }, "main");
    const draft = await openPull(acme.github, acme.repo, acme.people.bob, { head: "wip", base: "main", draft: true });
    expect((await mergeAs(acme.github, acme.repo, draft, acme.people.bob)).text).toContain("still a draft");
  });

  it("squashes to one commit and rebases one by one", async () => {
    const one = await proposal("one", { "a.txt": "a\n" });
    await pushFiles(acme.github, acme.repo, "one", acme.people.bob, { "a.txt": "aa\n" });
    await mergeAs(acme.github, acme.repo, one, acme.people.carol, { merge_method: "squash" });
    const squashed = await acme.repo.ref("refs/heads/main");
    expect(await acme.repo.git(["log", "-1", "--format=%P %an"])).toBe(`${acme.code} bob`);
    await acme.repo.git(["update-ref", "refs/heads/two", acme.code]);
    const two = await proposal("two", { "b.txt": "b\n" });
    await pushFiles(acme.github, acme.repo, "two", acme.people.bob, { "c.txt": "c\n" });
    await mergeAs(acme.github, acme.repo, two, acme.people.carol, { merge_method: "rebase" });
    expect(await acme.repo.git(["rev-list", "--count", `${squashed}..main`])).toBe("2");
    expect(await acme.repo.git(["ls-tree", "--name-only", "main"])).toBe("README.md\na.txt\nb.txt\nc.txt");
  });

  it("happens also by a push of the head into the base, and then names who pushed", async () => {
    const number = await proposal();
    const head = await acme.repo.ref("refs/heads/topic");
    await moveAs(acme.github, acme.repo, acme.people.carol, "refs/heads/main", acme.code, head);
    expect(await shown(number)).toMatchObject({ merged: true, merge_commit_sha: head, merged_by: { login: "carol" } });
  });

  it("lets one of two racing merges of one base win each time, and loses none", async () => {
    const numbers = [await proposal("one"), await proposal("two", { "b.txt": "b\n" })];
    const all = await Promise.all(numbers.map((number) => mergeAs(acme.github, acme.repo, number, acme.people.carol)));
    expect(all.map((answer) => answer.status)).toEqual([200, 200]);
    expect(await acme.repo.git(["ls-tree", "--name-only", "main"])).toBe("README.md\na.txt\nb.txt");
  });

  it("is refused where the head moves while the merge is made", async () => {
    const number = await proposal();
    const merge = acme.repo.mergeTree.bind(acme.repo);
    acme.repo.mergeTree = async (base, head) => {
      const tree = await merge(base, head);
      await pushFiles(acme.github, acme.repo, "topic", acme.people.bob, { "a.txt": "evil\n" });
      return tree;
    };
    expect((await mergeAs(acme.github, acme.repo, number, acme.people.carol)).status).toBe(409);
    expect(await acme.repo.ref("refs/heads/main")).toBe(acme.code);
  });

  it("by a workflow starts nothing, and deletes the branch where the setting says so", async () => {
    const number = await proposal();
    acme.repo.features.settings.deleteBranchOnMerge = true;
    const before = acme.github.world.events.length;
    const by = { token: acme.tokens.workflow };
    expect((await send(acme.github, by, "PUT", `${ACME_REPO}/pulls/${number}/merge`, {})).status).toBe(200);
    const events = acme.github.world.events.slice(before);
    expect(events.map((event) => event.name)).toEqual(["push", "pull_request", "delete", "push"]);
    expect(events.every((event) => event.suppressed)).toBe(true);
    expect(await acme.repo.ref("refs/heads/topic")).toBeNull();
    expect(await shown(number)).toMatchObject({ merged: true });
  });
});
