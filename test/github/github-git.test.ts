import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { makeFolder } from "../support/git-repo.ts";
import { endings, member, place } from "./place.ts";
import { GIT_ENV } from "./run-git.ts";

const run = promisify(execFile);

describe("refs", () => {
  it("moves forward only, unless it is forced", async () => {
    const { rest, repo, tip } = await place();
    const parts = { tree: await repo.git(["rev-parse", `${tip}^{tree}`]), message: "Next", parents: [tip] };
    const next = String((await rest("POST", "/git/commits", parts)).body["sha"]);
    expect((await rest("PATCH", "/git/refs/heads/main", { sha: next })).status).toBe(200);
    const back = await rest("PATCH", "/git/refs/heads/main", { sha: tip });
    expect([back.status, back.body["message"]]).toEqual([422, "Update is not a fast forward"]);
    expect((await rest("PATCH", "/git/refs/heads/main", { sha: tip, force: true })).status).toBe(200);
    expect(await repo.ref("refs/heads/main")).toBe(tip);
  });

  it("refuses a ref that is there twice, and the move of one that is not", async () => {
    const { rest, tip } = await place();
    const created = await rest("POST", "/git/refs", { ref: "refs/heads/a/b", sha: tip });
    expect([created.status, created.body["ref"]]).toEqual([201, "refs/heads/a/b"]);
    const again = await rest("POST", "/git/refs", { ref: "refs/heads/a/b", sha: tip });
    expect([again.status, again.body["message"]]).toEqual([422, "Reference already exists"]);
    const missing = await rest("PATCH", "/git/refs/heads/none", { sha: tip });
    expect([missing.status, missing.body["message"]]).toEqual([422, "Reference does not exist"]);
    expect((await rest("GET", "/git/ref/heads%2Fa%2Fb")).status).toBe(200);
    expect((await rest("GET", "/git/ref/heads/a/b")).status).toBe(200);
  });

  it("lets exactly one of many racing swaps win", async () => {
    const { graphql, repo, tip } = await place();
    const { id } = member(
      member(await graphql('{ repository(owner: "ada", name: "notes") { id } }'), "data"),
      "repository",
    );
    const query = "mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }";
    const tree = await repo.git(["rev-parse", `${tip}^{tree}`]);
    const who = { name: "A", email: "a@example.invalid", at: new Date(0) };
    const commits = await Promise.all(
      ["one", "two", "three", "four"].map((message) =>
        repo.commitTree({ tree, parents: [tip], message, author: who, committer: who }),
      ),
    );
    const answers = await Promise.all(
      commits.map((afterOid) =>
        graphql(query, {
          input: { repositoryId: id, refUpdates: [{ name: "refs/heads/main", beforeOid: tip, afterOid }] },
        }),
      ),
    );
    expect(answers.filter((answer) => answer["errors"] === undefined)).toHaveLength(1);
    expect(commits).toContain(await repo.ref("refs/heads/main"));
  });
});

it("moves several refs at once, all or none", async () => {
  const { graphql, repo, tip } = await place();
  const query = "mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }";
  const { id } = member(
    member(await graphql('{ repository(owner: "ada", name: "notes") { id } }'), "data"),
    "repository",
  );
  const nothing = "0".repeat(40);
  const update = (name: string, beforeOid: string): unknown => ({ name, beforeOid, afterOid: tip });
  const both = (...refUpdates: unknown[]) => graphql(query, { input: { repositoryId: id, refUpdates } });
  await both(update("refs/heads/a", nothing), update("refs/heads/b", nothing));
  const refused = await both(update("refs/heads/c", nothing), update("refs/heads/b", nothing));
  expect(refused["errors"]).toEqual([expect.objectContaining({ type: "UNPROCESSABLE" })]);
  expect((await repo.refs()).map(({ ref }) => ref)).toEqual(["refs/heads/a", "refs/heads/b", "refs/heads/main"]);
});

describe("git over HTTP and the API", () => {
  it("are one repository", async () => {
    const { github, rest, token, tip } = await place();
    const folder = makeFolder();
    endings.push(() => folder.remove());
    const git = async (...args: string[]): Promise<string> =>
      (
        await run("git", ["-c", "user.name=A", "-c", "user.email=a@example.invalid", ...args], {
          cwd: folder.path,
          env: { ...GIT_ENV },
        })
      ).stdout.trim();
    const url = github.serverUrl.replace("//", `//x-access-token:${token}@`);
    await git("clone", "--quiet", `${url}/ada/notes.git`, ".");
    expect(await git("rev-parse", "HEAD")).toBe(tip);
    await git("commit", "--quiet", "--allow-empty", "-m", "Pushed");
    await git("push", "--quiet", "origin", "HEAD:refs/heads/main", "HEAD:refs/heads/topic");
    const pushed = await git("rev-parse", "HEAD");
    expect(member((await rest("GET", "/git/ref/heads/topic")).body, "object")["sha"]).toBe(pushed);
    const raw = await git("cat-file", "commit", pushed);
    const shown = await rest("GET", `/git/commits/${pushed}`);
    expect(raw).toContain(String(member(shown.body, "tree")["sha"]));
    const pushes = github.world.events
      .filter(({ name }) => name === "push")
      .map(({ payload, by }) => [payload["ref"], by?.login]);
    expect(pushes).toEqual([
      ["refs/heads/main", "ada"],
      ["refs/heads/topic", "ada"],
    ]);
  });

  it("refuses a push that a ruleset forbids, and one without the permission", async () => {
    const { github, repo, token, tip } = await place();
    const folder = makeFolder();
    endings.push(() => folder.remove());
    const rule = { type: "pull_request", parameters: {} };
    const at = github.world.timestamp();
    repo.features.rulesets.push({
      id: 1,
      name: "main",
      target: "branch",
      enforcement: "active",
      include: ["~DEFAULT_BRANCH"],
      exclude: [],
      rules: [rule],
      bypass: [],
      createdAt: at,
      updatedAt: at,
    });
    const push = async (as: string, ref: string): Promise<string> => {
      const url = `${github.serverUrl.replace("//", `//x-access-token:${as}@`)}/ada/notes.git`;
      const done = run("git", ["push", url, ref], { cwd: folder.path, env: { ...GIT_ENV } });
      return done.then(
        () => "pushed",
        (cause: unknown) => String(cause),
      );
    };
    await run("git", ["clone", "--quiet", `${github.serverUrl}/ada/notes.git`, "."], {
      cwd: folder.path,
      env: { ...GIT_ENV },
    });
    const identity = ["-c", "user.name=A", "-c", "user.email=a@example.invalid"];
    await run("git", [...identity, "commit", "--quiet", "--allow-empty", "-m", "x"], {
      cwd: folder.path,
      env: { ...GIT_ENV },
    });
    const refused = await push(token, "HEAD:refs/heads/main");
    expect(refused).toContain("remote: error: GH013: Repository rule violations found for refs/heads/main.");
    expect(refused).toContain("(push declined due to repository rule violations)");
    expect(await repo.ref("refs/heads/main")).toBe(tip);
    const reader = github.token(repo.owner, "workflow", { contents: "read" });
    expect(await push(reader, "HEAD:refs/heads/other")).toContain("403");
    expect(await push(token, "HEAD:refs/heads/other")).toBe("pushed");
  });

  it("keeps workflow files from tokens that may not change them, however they come", async () => {
    const { github, repo, rest, tip } = await place();
    const folder = makeFolder();
    endings.push(() => folder.remove());
    const cwd = { cwd: folder.path, env: { ...GIT_ENV } };
    const token = github.token(github.addAccount("github-actions[bot]", "Bot"), "workflow", { contents: "write" });
    const url = `${github.serverUrl.replace("//", `//x:${token}@`)}/ada/notes.git`;
    await run("git", ["clone", "--quiet", url, "."], cwd);
    await mkdir(join(folder.path, ".github/workflows"), { recursive: true });
    await writeFile(join(folder.path, ".github/workflows/x.yml"), "on: push\n");
    await run("git", ["add", "."], cwd);
    await run("git", ["-c", "user.name=A", "-c", "user.email=a@example.invalid", "commit", "--quiet", "-m", "x"], cwd);
    const pushed = run("git", ["push", url, "HEAD:refs/heads/x"], cwd);
    await expect(pushed).rejects.toThrow("refusing to allow a GitHub App to create or update workflows");
    const head = (await run("git", ["rev-parse", "HEAD"], cwd)).stdout.trim();
    const made = await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: head }, token);
    expect([made.status, made.body["message"]]).toEqual([403, "Resource not accessible by integration"]);
    expect((await repo.refs()).map(({ oid }) => oid)).toEqual([tip]);
    expect((await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: head })).status).toBe(201);
  });
});

describe("createCommitOnBranch", () => {
  const query = `mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit {
    oid message author { name email date } committer { name email } signature { payload signature wasSignedByGitHub } parents(first: 2) { nodes { oid } } } } }`;
  const input = (expectedHeadOid: string, path: string): unknown => ({
    branch: { repositoryNameWithOwner: "ada/notes", branchName: "main" },
    expectedHeadOid,
    message: { headline: "Say more", body: "Why: it is short" },
    fileChanges: { additions: [{ path, contents: Buffer.from("more\n").toString("base64") }], deletions: [] },
  });

  it("makes a real signed commit on the expected tip, and answers STALE_DATA on another", async () => {
    const { graphql, repo, tip } = await place();
    const answer = await graphql(query, { input: input(tip, "docs/b.txt") });
    const commit = member(member(member(answer, "data"), "createCommitOnBranch"), "commit");
    const oid = String(commit["oid"]);
    expect(await repo.ref("refs/heads/main")).toBe(oid);
    expect(await repo.git(["show", "-s", "--format=%an|%cn|%ce|%P", oid])).toBe(`ada|GitHub|noreply@github.com|${tip}`);
    expect(await repo.git(["ls-tree", "-r", "--name-only", oid])).toBe("docs/a.txt\ndocs/b.txt");
    expect(await repo.git(["cat-file", "commit", oid])).toContain("\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n");
    expect(await repo.git(["fsck", "--strict"])).toBe("");
    const raw = (await repo.object(oid))!.bytes.toString("utf8");
    expect(raw.replace(/gpgsig .*?-----END PGP SIGNATURE-----\n \n/s, "")).toBe(member(commit, "signature")["payload"]);
    const stale = await graphql(query, { input: input(tip, "docs/c.txt") });
    expect(stale["errors"]).toEqual([expect.objectContaining({ type: "STALE_DATA", path: ["createCommitOnBranch"] })]);
    expect(await repo.ref("refs/heads/main")).toBe(oid);
  });
});

describe("GraphQL reads", () => {
  it("shows objects as they are: zones, binary and cut texts, raw names", async () => {
    const { graphql, repo, tip } = await place();
    const binary = await repo.writeObject("blob", Buffer.from([1, 0, 2]));
    const long = await repo.writeObject("blob", Buffer.alloc(600 * 1024, "a"));
    const answer = await graphql(
      `query ($tip: GitObjectID!, $binary: GitObjectID!, $long: GitObjectID!) { repository(owner: "ada", name: "notes") {
        commit: object(oid: $tip) { ... on Commit { message author { date } signature { payload } history(first: 1) { totalCount } } }
        tree: object(expression: "main:docs") { __typename ... on Tree { entries { name nameRaw mode type size } } }
        blob: object(expression: "main:docs/a.txt") { ... on Blob { text isBinary isTruncated } }
        binary: object(oid: $binary) { ... on Blob { text isBinary } }
        long: object(oid: $long) { ... on Blob { byteSize isTruncated } }
        none: object(expression: "main:nothing") { oid }
        refs(refPrefix: "refs/heads/", first: 10) { nodes { name prefix } pageInfo { hasNextPage } } } }`,
      { tip, binary, long },
    );
    expect(member(member(answer, "data"), "repository")).toEqual({
      commit: {
        message: "First",
        author: { date: "2026-01-01T02:00:00+02:00" },
        signature: null,
        history: { totalCount: 1 },
      },
      tree: {
        __typename: "Tree",
        entries: [{ name: "a.txt", nameRaw: "YS50eHQ=", mode: 0o100644, type: "blob", size: 6 }],
      },
      blob: { text: "hello\n", isBinary: false, isTruncated: false },
      binary: { text: null, isBinary: true },
      long: { byteSize: 600 * 1024, isTruncated: true },
      none: null,
      refs: { nodes: [{ name: "main", prefix: "refs/heads/" }], pageInfo: { hasNextPage: false } },
    });
  });
});
