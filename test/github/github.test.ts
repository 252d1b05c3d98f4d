import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { secondaryLimit } from "./faults.ts";
import { isJson } from "./json-schema.ts";
import type { FakeRepository } from "./repository.ts";
import { GIT_ENV } from "./run-git.ts";
import { type FakeGithub, startGithub } from "./server.ts";
import { makeFolder } from "../support/git-repo.ts";

const run = promisify(execFile);
const endings: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

interface Place {
  readonly github: FakeGithub;
  readonly repo: FakeRepository;
  readonly token: string;
  /** A commit on main. */
  readonly tip: string;
  readonly rest: (
    method: string,
    path: string,
    body?: unknown,
    as?: string,
  ) => Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>;
  readonly graphql: (query: string, variables?: unknown) => Promise<Record<string, unknown>>;
}

async function place(): Promise<Place> {
  const github = await startGithub();
  endings.push(() => github.stop());
  const ada = github.addAccount("ada");
  const repo = await github.addRepository({ owner: ada, name: "notes" });
  const token = github.token(ada);
  const blob = await repo.writeObject("blob", Buffer.from("hello\n"));
  const tree = await repo.editTree(null, new Map([["docs/a.txt", { mode: "100644", oid: blob }]]));
  const author = { name: "Ada", email: "ada@example.invalid", at: new Date("2026-01-01T00:00:00Z"), zone: "+0200" };
  const tip = await repo.commitTree({ tree, parents: [], message: "First\n", author, committer: author });
  await repo.compareAndSwap("refs/heads/main", null, tip);
  const send = async (method: string, url: string, body: unknown, as = token) => {
    const answer = await fetch(url, {
      method,
      headers: as === "" ? {} : { authorization: `Bearer ${as}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const parsed: unknown = text === "" ? {} : JSON.parse(text);
    return { status: answer.status, body: isJson(parsed) ? { ...parsed } : { list: parsed }, headers: answer.headers };
  };
  return {
    github,
    repo,
    token,
    tip,
    rest: (method, path, body, as) => send(method, `${github.apiUrl}/repos/ada/notes${path}`, body, as),
    graphql: async (query, variables) =>
      (await send("POST", `${github.serverUrl}/api/graphql`, { query, variables })).body,
  };
}

/** A violation is provoked on purpose: it is checked and taken away. */
function expectViolation(github: FakeGithub, text: string): void {
  expect(github.violations.splice(0)).toEqual([expect.stringContaining(text)]);
}

describe("the validator", () => {
  it("finds a misspelt key of a body", async () => {
    const { github, rest, tip } = await place();
    expect((await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: tip, shaa: tip })).status).toBe(500);
    expectViolation(
      github,
      'git/create-ref: the body is wrong at its root: must NOT have additional properties "shaa"',
    );
  });

  it("finds a misspelt key of a query, and a value of another type", async () => {
    const { github, rest } = await place();
    await rest("GET", "/branches?perpage=3");
    expectViolation(github, '"perpage"');
    await rest("GET", "/branches?per_page=many");
    expectViolation(github, "repos/list-branches: the query is wrong at /per_page");
  });

  it("finds an operation that GitHub does not describe", async () => {
    const { github, rest } = await place();
    expect((await rest("GET", "/git/reff/heads/main")).status).toBe(500);
    expectViolation(github, "no operation is described for GET /api/v3/repos/ada/notes/git/reff/heads/main");
  });

  it("finds a misspelt field of GraphQL, and a variable of another type", async () => {
    const { github, graphql } = await place();
    await graphql('{ repository(owner: "ada", name: "notes") { defaultBranchReff { name } } }');
    expectViolation(github, 'Cannot query field "defaultBranchReff"');
    await graphql(
      'query ($first: Int!) { repository(owner: "ada", name: "notes") { refs(refPrefix: "refs/heads/", first: $first) { totalCount } } }',
      { first: "two" },
    );
    expectViolation(github, "Int cannot represent non-integer value");
  });

  it("finds a status that GitHub does not document, and an answer of another shape", async () => {
    const { github, rest, repo } = await place();
    repo.refs = () => Promise.resolve([{ ref: "refs/heads/main", oid: "not an id" }]);
    expect((await rest("GET", "/git/ref/heads/main")).status).toBe(500);
    expectViolation(github, "answer git/get-ref: the body of 200 is wrong at /object/sha");
    const { Description } = await import("./openapi.ts");
    const description = new Description();
    const operation = description.operations.find((each) => each.id === "pulls/create-review")!;
    expect(description.replyProblem(operation, 201, {})).toContain("status 201 is not described");
  });

  it("fails a test that is over with a violation", async () => {
    const github = await startGithub();
    await fetch(`${github.apiUrl}/nowhere`);
    await expect(github.stop()).rejects.toThrow("no operation is described for GET /api/v3/nowhere");
  });
});

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

describe("tokens", () => {
  it("may do what their permissions say, and see what is private only where they belong", async () => {
    const { github, rest, repo, tip } = await place();
    const reader = github.token(repo.owner, "workflow", { contents: "read" });
    const refused = await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: tip }, reader);
    expect([refused.status, refused.body["message"]]).toEqual([403, "Resource not accessible by integration"]);
    expect(refused.headers.get("x-accepted-github-permissions")).toBe("contents=write");
    expect((await rest("GET", "/git/ref/heads/main", undefined, "")).status).toBe(200);
    repo.private = true;
    expect((await rest("GET", "/git/ref/heads/main", undefined, "")).status).toBe(404);
    expect((await rest("GET", "/git/ref/heads/main", undefined, github.token(github.addAccount("bob")))).status).toBe(
      404,
    );
    expect((await rest("GET", "/git/ref/heads/main", undefined, reader)).status).toBe(200);
    expect((await rest("GET", "/git/ref/heads/main", undefined, "ghs_wrong")).status).toBe(401);
  });

  it("of a workflow start nothing", async () => {
    const { github, rest, repo, tip } = await place();
    const workflow = github.token(github.addAccount("github-actions[bot]", "Bot"), "workflow", { contents: "write" }, [
      repo,
    ]);
    await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: tip }, workflow);
    await rest("POST", "/git/refs", { ref: "refs/heads/y", sha: tip });
    const pushes = github.world.events.filter(({ name }) => name === "push");
    expect(pushes.map(({ suppressed, payload }) => [payload["ref"], suppressed])).toEqual([
      ["refs/heads/x", true],
      ["refs/heads/y", false],
    ]);
  });

  it("have a limit an hour, which every answer tells", async () => {
    const { github, rest } = await place();
    github.world.rate.limit = 2;
    expect((await rest("GET", "/branches")).headers.get("x-ratelimit-remaining")).toBe("1");
    await rest("GET", "/branches");
    const over = await rest("GET", "/branches");
    expect([over.status, over.headers.get("x-ratelimit-remaining")]).toEqual([403, "0"]);
    github.world.advance(3_600_000);
    expect((await rest("GET", "/branches")).status).toBe(200);
  });
});

describe("faults", () => {
  it("lose the answer of what was done, or the request before it is", async () => {
    const { github, rest, repo, tip } = await place();
    github.world.faults.add({ when: (target) => target.operation === "git/create-ref", effect: { kind: "lose" } });
    await expect(rest("POST", "/git/refs", { ref: "refs/heads/x", sha: tip })).rejects.toThrow("fetch failed");
    expect(await repo.ref("refs/heads/x")).toBe(tip);
    github.world.faults.add({ when: github.world.requests.length + 1, effect: { kind: "drop" } });
    await expect(rest("POST", "/git/refs", { ref: "refs/heads/y", sha: tip })).rejects.toThrow("fetch failed");
    expect(await repo.ref("refs/heads/y")).toBeNull();
  });

  it("answer a secondary limit without doing anything", async () => {
    const { github, rest, repo, tip } = await place();
    github.world.faults.add({ when: () => true, effect: secondaryLimit(7) });
    const limited = await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: tip });
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([403, "7"]);
    expect(await repo.ref("refs/heads/x")).toBeNull();
  });

  it("answer for a while what was true before the last write", async () => {
    const { github, rest, tip } = await place();
    await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: tip });
    github.world.faults.add({ when: () => true, effect: { kind: "stale", reads: 2 } });
    expect((await rest("GET", "/git/ref/heads/x")).status).toBe(404);
    expect((await rest("GET", "/branches")).body["list"]).toHaveLength(1);
    expect((await rest("GET", "/git/ref/heads/x")).status).toBe(200);
  });
});

it("answers 304 to a reader who has it already", async () => {
  const { github, rest, token } = await place();
  const etag = (await rest("GET", "/branches")).headers.get("etag") ?? "";
  const headers = { authorization: `Bearer ${token}`, "if-none-match": etag };
  expect((await fetch(`${github.apiUrl}/repos/ada/notes/branches`, { headers })).status).toBe(304);
});

function member(value: unknown, name: string): Record<string, unknown> {
  const found = isJson(value) ? value[name] : undefined;
  if (!isJson(found)) throw new Error(`no ${name} in ${JSON.stringify(value)}`);
  return { ...found };
}
