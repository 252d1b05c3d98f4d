import { once } from "node:events";
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { secondaryLimit } from "./faults.ts";
import { gitRoutes } from "./git.ts";
import { Description } from "./openapi.ts";
import { place } from "./place.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import { routes as featureRoutes } from "./routes/all.ts";
import { type FakeGithub, startGithub } from "./server.ts";

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
    repo.ref = () => Promise.resolve("not an id");
    expect((await rest("GET", "/git/ref/heads/main")).status).toBe(500);
    expectViolation(github, "answer git/get-ref: the body of 200 is wrong at /object/sha");
    const description = new Description();
    const operation = description.operations.find((each) => each.id === "pulls/create-review")!;
    expect(description.replyProblem(operation, 201, {})).toContain("status 201 is not described");
  });

  it("knows no operation that nothing answers", () => {
    const routes = { ...gitRoutes, ...repositoryRoutes, ...featureRoutes };
    const unanswered = new Description().operations.filter(({ id }) => routes[id] === undefined);
    expect(unanswered.map(({ id }) => id)).toEqual([]);
  });

  it("fails a test that is over with a violation", async () => {
    const github = await startGithub();
    await fetch(`${github.apiUrl}/nowhere`);
    await expect(github.stop()).rejects.toThrow("no operation is described for GET /api/v3/nowhere");
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
  it("are none of the server's where a client goes away in the middle of a body", async () => {
    const { github, rest, repo, token } = await place();
    const release = (await rest("POST", "/releases", { tag_name: "v1", draft: true })).body;
    const addresses = [
      String(release["upload_url"]).replace(/\{.*/, "?name=a.bin"),
      `${github.apiUrl}/repos/ada/notes/git/blobs`,
      `${github.serverUrl}/api/graphql`,
      `${github.serverUrl}/ada/notes.git/git-receive-pack`,
    ];
    for (const address of addresses) {
      const stopped = new AbortController();
      const headers = { authorization: `Bearer ${token}`, "content-length": "2000" };
      const sending = request(address, { method: "POST", headers, signal: stopped.signal });
      sending.write(Buffer.alloc(1000));
      const isOnItsWay = (): boolean =>
        github.world.requests.some(({ path, sentBytes }) => address.includes(path) && sentBytes === 1000);
      while (!isOnItsWay()) await new Promise((resolve) => setImmediate(resolve));
      stopped.abort();
      await once(sending, "close").catch(() => {});
    }
    expect((await rest("GET", `/releases/${String(release["id"])}/assets`)).status).toBe(200);
    expect(repo.features.releases.all[0]?.assets.map(({ state }) => state)).toEqual(["starter"]);
  });

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
    const { github, rest, graphql, tip } = await place();
    await rest("POST", "/git/refs", { ref: "refs/heads/x", sha: tip });
    github.world.faults.add({ when: () => true, effect: { kind: "stale", reads: 2 } });
    expect((await rest("GET", "/git/ref/heads/x")).status).toBe(404);
    expect((await rest("GET", "/branches")).body["list"]).toHaveLength(1);
    expect((await rest("GET", "/git/ref/heads/x")).status).toBe(200);
    const query =
      '{ repository(owner: "ada", name: "notes") { ref(qualifiedName: "refs/heads/x") { target { oid } } } }';
    github.world.faults.add({ when: () => true, effect: { kind: "stale", reads: 1 } });
    expect(await graphql(query)).toEqual({ data: { repository: { ref: null } } });
    const release = (await rest("POST", "/releases", { tag_name: "v1", draft: true })).body;
    const path = `/releases/${String(release["id"])}`;
    await rest("GET", path);
    await rest("PATCH", path, { draft: false });
    github.world.faults.add({ when: () => true, effect: { kind: "stale", reads: 1 } });
    expect((await rest("GET", path)).body["draft"]).toBe(true);
    expect((await rest("GET", path)).body["draft"]).toBe(false);
    expect(await graphql(query)).toEqual({ data: { repository: { ref: { target: { oid: tip } } } } });
  });
});

it("answers 304 to a reader who has it already", async () => {
  const { github, rest, token } = await place();
  const etag = (await rest("GET", "/branches")).headers.get("etag") ?? "";
  const headers = { authorization: `Bearer ${token}`, "if-none-match": etag };
  expect((await fetch(`${github.apiUrl}/repos/ada/notes/branches`, { headers })).status).toBe(304);
});
