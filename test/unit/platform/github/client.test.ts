import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { githubClient } from "../../../../src/platform/github/client.ts";
import { sourceOf } from "../../../support/inspect-bytes.ts";
import { type Answer, type Asked, loopback } from "../../../support/loopback.ts";
import { clockAt } from "../../../support/world.ts";

const REPO = "GET /repos/{owner}/{repo}";
const repo = { owner: "acme", repo: "notes" };

async function clientOf(answer: (asked: Asked, n: number) => Answer | Promise<Answer>) {
  const server = await loopback(answer);
  const clock = clockAt();
  const began = clock.now().getTime();
  const at = { ...repo, apiUrl: server.origin, serverUrl: server.origin };
  const waits: string[] = [];
  const onWait = (ms: number, why: string) => waits.push(`${ms} ms: ${why}`);
  const client = githubClient({ at, token: "ghs_secret", clock, onWait });
  return { ...server, client, clock, waits, waitedMs: () => clock.now().getTime() - began };
}

/** Fails so many times, then succeeds. */
const failing = (times: number, failure: Answer) => (_: Asked, n: number) =>
  n <= times ? failure : { status: 200, body: { id: 1 } };
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

describe("a request of GitHub", () => {
  it("waits as long as retry-after says and goes on, whatever the method", async () => {
    for (const status of [403, 429]) {
      const { client, asked, waitedMs } = await clientOf(
        failing(2, { status, headers: { "retry-after": "7" }, body: { message: "slow" } }),
      );
      await client.request("POST /repos/{owner}/{repo}/releases", { ...repo, tag_name: "v1" });
      expect([asked.length, waitedMs()]).toEqual([3, 14_000]);
    }
  });

  it("waits a minute, then two, for a secondary limit that names no time", async () => {
    const message = "You have exceeded a secondary rate limit.";
    const { client, waits } = await clientOf(failing(2, { status: 403, body: { message } }));
    await client.request(REPO, repo);
    expect(waits).toEqual(["60000 ms: rate limit", "120000 ms: rate limit"]);
  });

  it("waits for the primary limit to be reset when that is soon, and says when it is not", async () => {
    const inS = (seconds: number) => String(Date.parse("2026-11-19T11:40:00Z") / 1000 + seconds);
    const limit = (seconds: number): Answer => ({
      status: 403,
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inS(seconds) },
      body: { message: "API rate limit exceeded" },
    });
    const soon = await clientOf(failing(1, limit(90)));
    await soon.client.request(REPO, repo);
    expect(soon.waitedMs()).toBe(90_000);
    const late = await clientOf(failing(9, limit(1800)));
    await expect(late.client.request(REPO, repo)).rejects.toMatchObject({
      code: "forge.rate_limited",
      data: { retry_at: "2026-11-19T12:10:00Z" },
    });
    expect([late.asked.length, late.waitedMs()]).toEqual([1, 0]);
  });

  it("does not take a missing permission for a limit", async () => {
    const { client, asked } = await clientOf(
      failing(9, { status: 403, body: { message: "Resource not accessible by integration" } }),
    );
    expect(await codeOf(client.request(REPO, repo))).toBe("forge.forbidden");
    expect(asked).toHaveLength(1);
  });

  it("repeats reads after failures of the server and after no answer, five times at most", async () => {
    for (const failure of [{ status: 502 }, { status: 503 }, "cut"] as const) {
      const fine = await clientOf(failing(4, failure));
      await fine.client.request(REPO, repo);
      expect([fine.asked.length, fine.waitedMs()]).toEqual([5, 7500]);
      const broken = await clientOf(failing(99, failure));
      expect(await codeOf(broken.client.request(REPO, repo))).toBe(
        failure === "cut" ? "forge.unanswered" : "forge.unavailable",
      );
      expect([broken.asked.length, broken.client.sent()]).toEqual([5, 5]);
    }
  });

  it("never repeats a write after a failure of the server or after no answer", async () => {
    for (const failure of [{ status: 500 }, { status: 504 }, "cut"] as const) {
      for (const method of ["POST", "PATCH", "PUT", "DELETE"] as const) {
        const { client, asked } = await clientOf(failing(1, failure));
        const code = await codeOf(client.request({ method, url: "/repos/acme/notes/releases" }));
        expect([code, asked.length]).toEqual([failure === "cut" ? "forge.unanswered" : "forge.unavailable", 1]);
      }
    }
  });

  it("repeats a write that was never sent", async () => {
    const clock = clockAt();
    const ended = await loopback(() => "cut");
    await ended.close();
    const at = { ...repo, apiUrl: ended.origin, serverUrl: "" };
    const client = githubClient({ at, token: null, clock });
    expect(await codeOf(client.request("POST /repos/{owner}/{repo}/releases", { ...repo, tag_name: "v1" }))).toBe(
      "forge.unanswered",
    );
    expect(client.sent()).toBe(5);
  });

  it("repeats a GraphQL query and not a mutation, and names what went wrong", async () => {
    const query = await clientOf(failing(1, { status: 502 }));
    await query.client.graphql("query { viewer { login } }", {});
    expect(query.asked.map(({ url }) => url)).toEqual(["/graphql", "/graphql"]);
    const mutation = await clientOf(failing(1, { status: 502 }));
    expect(await codeOf(mutation.client.graphql("mutation { x }", {}))).toBe("forge.unavailable");
    for (const [error, code] of [
      [{ type: "STALE_DATA", message: "x" }, "forge.conflict"],
      [{ type: "NOT_FOUND", message: "x" }, "forge.not_found"],
      [{ type: "RATE_LIMITED", message: "x" }, "forge.rate_limited"],
      [{ message: "Something went wrong" }, "forge.unavailable"],
      [{ message: "Field 'x' doesn't exist", extensions: { code: "undefinedField" } }, "forge.refused"],
    ] as const) {
      const { client } = await clientOf(() => ({ status: 200, body: { data: null, errors: [error] } }));
      expect(await codeOf(client.graphql("query { x }", {}))).toBe(code);
    }
  });

  it("is named by what was asked for, without host and query", async () => {
    for (const failure of [{ status: 404 }, "cut"] as const) {
      const { client, origin } = await clientOf(failing(9, failure));
      const asked = client.request("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...repo, ref: "tags/v1", page: 2 });
      const error: unknown = await asked.catch((cause: unknown) => cause);
      expect(error).toMatchObject({ data: { request: "GET /repos/acme/notes/git/ref/tags%2Fv1" } });
      expect(String(error).replace(origin, "")).not.toMatch(/[{}?]/);
    }
  });

  it("keeps the status and the rows of a refusal, and no secret", async () => {
    const errors = [{ resource: "Release", code: "already_exists", field: "tag_name" }, "a text"];
    const { client } = await clientOf(() => ({ status: 422, body: { message: "Validation Failed", errors } }));
    const failure: unknown = await client.request(REPO, repo).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "forge.refused",
      data: { status: 422, reasons: ["already_exists tag_name", "a text"] },
    });
    expect(JSON.stringify(failure)).not.toContain("ghs_secret");
  });
});

describe("an answer of GitHub", () => {
  it.each([400, 401, 403, 404, 405, 409, 410, 422, 429, 500])("%i says what to do next", async (status) => {
    const { client } = await clientOf(() => ({ status, headers: { "retry-after": "999" }, body: { message: "no" } }));
    const failure = client.request("POST /repos/{owner}/{repo}/releases", { ...repo, tag_name: "v1" });
    await expect(failure).rejects.toMatchObject({ hints: [expect.stringMatching(/^[A-Z]|^waybill /)] });
    const errors = [{ type: "FORBIDDEN", message: "no" }];
    const told = await clientOf(() => ({ status: 200, body: { errors } }));
    await expect(told.client.graphql("query { x }", {})).rejects.toMatchObject({ hints: [expect.any(String)] });
  });

  it.each([
    ["is cut short", {}, '[{"event":"base_ref_cha'],
    ["is another page's, of a proxy", { "content-type": "text/html" }, "<h1>Log in first</h1>"],
    ["cannot be unpacked", { "content-encoding": "gzip" }, "[]"],
    ["is empty", {}, ""],
  ])("that %s is none, never a list of nothing", async (_, headers, text) => {
    const cut: Answer = {
      status: 200,
      headers: { "content-type": "application/json", ...headers },
      body: Buffer.from(text),
    };
    const once = await clientOf(failing(1, cut));
    expect((await once.client.request(REPO, repo)).data).toEqual({ id: 1 });
    const always = await clientOf(() => cut);
    expect(await codeOf(always.client.paginate("GET /repos/{owner}/{repo}/releases", repo))).toBe("forge.unanswered");
    expect(always.asked).toHaveLength(5);
  });

  it("may send on to another address of its own, as that of a renamed repository does", async () => {
    const { client, asked } = await clientOf(({ url }) =>
      url.startsWith("/repositories/")
        ? { status: 200, body: { id: 1 } }
        : { status: 301, headers: { location: "/repositories/1" } },
    );
    expect((await client.request(REPO, repo)).data).toEqual({ id: 1 });
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ["/repos/acme/notes", "token ghs_secret"],
      ["/repositories/1", "token ghs_secret"],
    ]);
    const round = await clientOf(() => ({ status: 301, headers: { location: "/repositories/1" } }));
    expect(
      await codeOf(round.client.request("POST /repos/{owner}/{repo}/merges", { ...repo, base: "a", head: "b" })),
    ).toBe("forge.unanswered");
  });
});

describe("the token", () => {
  it("is not sent along to another origin: neither by a redirect, nor by the next page of a list, nor by an upload address", async () => {
    const other = await loopback(() => ({ status: 200, body: [] }));
    const lists = await clientOf(() => ({
      status: 200,
      headers: { link: `<${other.origin}/x>; rel="next"` },
      body: [],
    }));
    expect(await codeOf(lists.client.paginate("GET /repos/{owner}/{repo}/releases", repo))).toBe("forge.foreign_host");
    const redirects = await clientOf(() => ({ status: 307, headers: { location: `${other.origin}/y` } }));
    expect(await codeOf(redirects.client.request(REPO, repo))).toBe("forge.foreign_host");
    expect(redirects.asked).toHaveLength(1);
    const bytes = Buffer.from("x");
    const file = {
      name: "a",
      contentType: "text/plain",
      sizeBytes: 1,
      sha256: sha256Hex(bytes),
      from: sourceOf(bytes),
      onBytes: () => undefined,
    };
    expect(await codeOf(lists.client.upload("https://uploads.elsewhere.example/upload", file))).toBe(
      "forge.foreign_host",
    );
    await lists.client.upload(`${lists.origin}/upload`, file);
    expect(lists.asked.at(-1)?.headers.authorization).toBe("token ghs_secret");
    expect(other.asked).toEqual([]);
  });

  it("does not travel over plain http to other machines, unless the user accepts it", async () => {
    const at = { ...repo, apiUrl: "http://ghe.acme.example/api/v3", serverUrl: "http://ghe.acme.example" };
    const settings = { at, token: "x", clock: clockAt() };
    expect(() => githubClient(settings)).toThrow(expect.objectContaining({ code: "forge.insecure" }));
    expect(githubClient({ ...settings, insecure: true }).at).toBe(at);
    expect(() => githubClient({ ...settings, at: { ...at, apiUrl: "ftp://localhost" } })).toThrow("is not asked");
  });
});

describe("an address elsewhere", () => {
  it("is followed without the token, and only while it is safe to ask", async () => {
    const { client, asked, origin } = await clientOf(({ url }) => {
      if (url === "/a") return { status: 302, headers: { location: "/b" } };
      if (url === "/b") return { status: 200, body: Buffer.from("bytes") };
      if (url === "/c") return { status: 302, headers: { location: "http://elsewhere.example/d" } };
      if (url === "/loop") return { status: 302, headers: { location: "/loop" } };
      return { status: 404 };
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await client.fetchElsewhere(`${origin}/a`)) ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("bytes");
    expect(asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect(await client.fetchElsewhere(`${origin}/none`)).toBeNull();
    expect(await codeOf(client.fetchElsewhere(`${origin}/c`))).toBe("forge.insecure");
    expect(await codeOf(client.fetchElsewhere(`${origin}/loop`))).toBe("forge.unavailable");
  });
});
