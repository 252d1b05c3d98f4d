import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Acme, startAcme } from "./acme.ts";
import { ACME_REPO, acmeApi, type Answer, openPull, pushFiles, send } from "./people.ts";

let acme: Acme;
beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.github.stop());

const api = acmeApi(() => acme);

async function proposal(): Promise<number> {
  await pushFiles(acme.github, acme.repo, "topic", acme.people.bob, { "a.txt": "a\n" }, "main");
  return openPull(acme.github, acme.repo, acme.people.bob, { head: "topic", base: "main" });
}

describe("statuses of the stand-in", () => {
  it("are listed newest first, and combined from the newest of each context", async () => {
    const post = (context: string, state: string): Promise<Answer> =>
      api("POST", `/statuses/${acme.code}`, { context, state, description: `${context} is ${state}` });
    for (const [context, state] of [
      ["a", "failure"],
      ["b", "pending"],
      ["a", "success"],
    ] as const) {
      expect((await post(context, state)).status).toBe(201);
    }
    const list = await api("GET", "/commits/main/statuses");
    expect(list.body).toMatchObject([
      { context: "a", state: "success" },
      { context: "b" },
      { context: "a", state: "failure" },
    ]);
    const combined = await api("GET", "/commits/main/status");
    expect(combined.fields).toMatchObject({ state: "pending", total_count: 2, sha: acme.code });
    await post("b", "error");
    expect((await api("GET", "/commits/main/status")).fields["state"]).toBe("failure");
  });

  it("refuse long descriptions, unknown commits, and the 1,001st of one context", async () => {
    const body = { state: "success", context: "a" };
    expect((await api("POST", `/statuses/${acme.code}`, { ...body, description: "x".repeat(141) })).status).toBe(422);
    expect((await api("POST", `/statuses/${"0".repeat(40)}`, body)).text).toContain("No commit found for SHA");
    await api("POST", `/statuses/${acme.code}`, { ...body, description: "x".repeat(140) });
    const { statuses } = acme.repo.features;
    const [one] = statuses.of(acme.code);
    for (let n = 1; n < 1000; n += 1) statuses.add({ ...one!, id: acme.github.world.nextId() });
    expect((await api("POST", `/statuses/${acme.code}`, body)).status).toBe(422);
    expect((await api("POST", `/statuses/${acme.code}`, { ...body, context: "b" })).status).toBe(201);
  });

  it("are required by rulesets before a merge", async () => {
    const number = await proposal();
    await api("POST", "/rulesets", {
      name: "checks",
      enforcement: "active",
      conditions: { ref_name: { include: ["refs/heads/main"], exclude: [] } },
      rules: [
        {
          type: "required_status_checks",
          parameters: { required_status_checks: [{ context: "ci" }], strict_required_status_checks_policy: true },
        },
      ],
    });
    const merge = (): Promise<Answer> => api("PUT", `/pulls/${number}/merge`, {});
    expect((await merge()).text).toContain('Required status check "ci" is expected.');
    const head = await acme.repo.ref("refs/heads/topic");
    await api("POST", `/statuses/${head}`, { context: "ci", state: "failure" });
    expect((await merge()).text).toContain('Required status check "ci" is failing.');
    await api("POST", `/statuses/${head}`, { context: "ci", state: "success" });
    const other = pushFiles(acme.github, acme.repo, "main", acme.people.alice, { "b.txt": "b\n" });
    await expect(other).rejects.toThrow('Required status check "ci" is expected.');
    await pushFiles(acme.github, acme.repo, "other", acme.people.bob, { "b.txt": "b\n" }, "main");
    await acme.repo.git(["update-ref", "refs/heads/main", (await acme.repo.ref("refs/heads/other"))!]);
    expect((await merge()).text).toContain("not up to date");
    expect((await api("PUT", `/pulls/${number}/update-branch`, {})).status).toBe(202);
    const updated = await acme.repo.ref("refs/heads/topic");
    await api("POST", `/statuses/${updated}`, { context: "ci", state: "success" });
    expect((await merge()).status).toBe(200);
  });
});

describe("conversations of the stand-in", () => {
  it("keep comments of bounded length, which their writers may change", async () => {
    const number = await proposal();
    const made = await api("POST", `/issues/${number}/comments`, { body: "Hello" }, acme.people.bob);
    expect(made).toMatchObject({ status: 201, fields: { body: "Hello", user: { login: "bob" } } });
    expect((await api("POST", `/issues/${number}/comments`, { body: "x".repeat(65_537) })).text).toContain("too long");
    expect((await api("POST", "/issues/99/comments", { body: "x" })).status).toBe(404);
    const path = `/issues/comments/${String(made.fields["id"])}`;
    expect((await api("PATCH", path, { body: "Bye" })).fields["body"]).toBe("Bye");
    expect((await api("PATCH", path, { body: "Evil" }, acme.github.addAccount("dave"))).status).toBe(403);
    expect((await api("GET", `/issues/${number}/comments`)).body).toMatchObject([{ body: "Bye" }]);
    expect((await api("DELETE", path)).status).toBe(204);
  });

  it("label pull requests, making labels that are not there", async () => {
    const number = await proposal();
    await api("POST", "/labels", { name: "Waybill", color: "0e8a16", description: "A decision" });
    expect((await api("POST", "/labels", { name: "waybill", color: "0e8a16" })).status).toBe(422);
    const labels = await api("POST", `/issues/${number}/labels`, { labels: ["waybill", "new"] });
    expect(labels.body).toMatchObject([{ name: "Waybill", color: "0e8a16" }, { name: "new" }]);
    expect((await api("DELETE", `/issues/${number}/labels/none`)).status).toBe(404);
    expect((await api("DELETE", `/issues/${number}/labels/new`)).body).toMatchObject([{ name: "Waybill" }]);
    expect((await api("PUT", `/issues/${number}/labels`, { labels: ["other"] })).body).toMatchObject([
      { name: "other" },
    ]);
    expect((await api("GET", `/pulls/${number}`)).fields["labels"]).toMatchObject([{ name: "other" }]);
    const events = await api("GET", `/issues/${number}/events`);
    expect(events.body).toMatchObject(
      ["labeled", "labeled", "unlabeled", "unlabeled", "labeled"].map((event) => ({ event })),
    );
  });

  it("hold issues, which share their numbers with pull requests", async () => {
    const number = await proposal();
    const made = await api("POST", "/issues", { title: "Nightly verify failed", labels: ["verify"] });
    expect(made.fields["number"]).toBe(number + 1);
    expect((await api("GET", "/issues?labels=verify")).body).toHaveLength(1);
    await api("PATCH", `/issues/${number + 1}`, { state: "closed" });
    expect((await api("GET", "/issues?labels=verify")).body).toEqual([]);
  });
});

describe("settings of the stand-in", () => {
  it("answer what doctor asks", async () => {
    expect((await api("GET", "/actions/permissions")).body).toEqual({ enabled: true, allowed_actions: "all" });
    const on = { default_workflow_permissions: "read", can_approve_pull_request_reviews: true };
    expect((await api("PUT", "/actions/permissions/workflow", on)).status).toBe(204);
    expect((await api("GET", "/actions/permissions/workflow")).body).toEqual(on);
    expect((await api("GET", "/actions/permissions/workflow", undefined, { token: acme.tokens.workflow })).status).toBe(
      403,
    );
    expect((await api("GET", "/pages")).status).toBe(404);
    const site = {
      cname: "get.acme.example",
      branch: "main",
      path: "/",
      buildType: "legacy",
      httpsEnforced: true,
    } as const;
    acme.repo.features.settings.pages = site;
    expect((await api("GET", "/pages")).fields).toMatchObject({
      cname: "get.acme.example",
      html_url: "https://get.acme.example/",
    });
    expect((await api("GET", "/attestations/sha256:00")).body).toEqual({ attestations: [] });
    expect((await api("PATCH", "", { allow_squash_merge: false })).fields).toMatchObject({ allow_squash_merge: false });
  });

  it("tell a caller's own permissions and everyone's role", async () => {
    const dave = acme.github.addAccount("dave");
    expect((await api("GET", "", undefined, acme.people.bob)).fields["permissions"]).toMatchObject({
      push: true,
      admin: false,
    });
    expect((await api("GET", "", undefined, dave)).fields["permissions"]).toMatchObject({ push: false, pull: true });
    const permission = async (login: string): Promise<unknown> =>
      (await api("GET", `/collaborators/${login}/permission`)).fields;
    acme.repo.roles.set(acme.people.carol.id, "maintain");
    expect(await permission("alice")).toMatchObject({ permission: "admin", user: { id: acme.people.alice.id } });
    expect(await permission("carol")).toMatchObject({ permission: "write", role_name: "maintain" });
    expect(await permission("dave")).toMatchObject({ permission: "read" });
    acme.repo.private = true;
    expect(await permission("dave")).toMatchObject({ permission: "none" });
    expect((await api("GET", "/collaborators/bob")).status).toBe(204);
    expect((await api("GET", "/collaborators/dave")).status).toBe(404);
    expect((await api("GET", "/collaborators")).body).toHaveLength(3);
    expect((await send(acme.github, acme.people.bob, "GET", "/user")).fields["login"]).toBe("bob");
    expect((await send(acme.github, acme.people.bob, "GET", "/orgs/acme")).fields["type"]).toBe("Organization");
  });

  it("name the mistakes of CODEOWNERS", async () => {
    expect((await api("GET", "/codeowners/errors")).status).toBe(404);
    await pushFiles(acme.github, acme.repo, "main", acme.people.alice, {
      CODEOWNERS: "# all\n* @alice @nobody\n!x @bob\n",
    });
    expect((await api("GET", "/codeowners/errors")).fields["errors"]).toMatchObject([
      { line: 2, column: 10, kind: "Unknown owner", path: "CODEOWNERS" },
      { line: 3, column: 1, kind: "Invalid pattern" },
    ]);
    expect((await api("GET", "/codeowners/errors?ref=no-such")).status).toBe(404);
  });
});

describe("dispatches of the stand-in", () => {
  const WORKFLOW =
    "on:\n  workflow_dispatch:\n    inputs:\n      app: { required: true }\n      dry: { default: 'no' }\njobs: {}\n";

  it("start workflows that want to be started, also from a workflow", async () => {
    await pushFiles(acme.github, acme.repo, "main", acme.people.alice, {
      ".github/workflows/sync.yml": WORKFLOW,
      ".github/workflows/push.yml": "on: push\n",
    });
    const by = { token: acme.tokens.workflow };
    const post = (file: string, body: object): Promise<Answer> =>
      api("POST", `/actions/workflows/${file}/dispatches`, { ref: "main", ...body }, by);
    expect(await post("push.yml", {})).toMatchObject({
      status: 422,
      text: "Workflow does not have 'workflow_dispatch' trigger",
    });
    expect(await post("sync.yml", {})).toMatchObject({ status: 422, text: "Required input 'app' not provided" });
    expect((await post("sync.yml", { inputs: { app: "a", x: "y" } })).text).toContain("Unexpected inputs");
    expect((await post("sync.yml", { ref: "none", inputs: { app: "a" } })).text).toBe("No ref found for: none");
    expect((await post("sync.yml", { inputs: { app: "a" } })).status).toBe(204);
    const told = await post("sync.yml", { inputs: { app: "b" }, return_run_details: true });
    expect(told.status).toBe(200);
    const events = acme.github.world.events.filter((event) => event.name === "workflow_dispatch");
    expect(events.map((event) => [event.suppressed, event.payload["inputs"]])).toEqual([
      [false, { app: "a" }],
      [false, { app: "b" }],
    ]);
    const run = await api("GET", `/actions/runs/${String(told.fields["workflow_run_id"])}`);
    expect(run.fields).toMatchObject({ event: "workflow_dispatch", path: ".github/workflows/sync.yml" });
    expect((await api("GET", "/actions/workflows/sync.yml/runs")).fields["total_count"]).toBe(2);
    expect((await api("GET", "/actions/workflows")).fields["workflows"]).toMatchObject([
      { path: ".github/workflows/push.yml" },
      {},
    ]);
    expect((await post("none.yml", {})).status).toBe(404);
  });

  it("of a repository always start something", async () => {
    const sent = await api(
      "POST",
      "/dispatches",
      { event_type: "sync", client_payload: { n: 1 } },
      { token: acme.tokens.workflow },
    );
    expect(sent.status).toBe(204);
    const event = acme.github.world.events.at(-1);
    expect(event).toMatchObject({
      name: "repository_dispatch",
      suppressed: false,
      payload: { action: "sync", client_payload: { n: 1 } },
    });
  });
});

describe("contents of the stand-in", () => {
  it("are read as JSON, raw and as folders, and compared", async () => {
    const head = await pushFiles(acme.github, acme.repo, "next", acme.people.bob, { "docs/a.md": "# A\n" }, "main");
    const file = await api("GET", "/contents/docs/a.md?ref=next");
    expect(Buffer.from(String(file.fields["content"]), "base64").toString()).toBe("# A\n");
    const raw = await fetch(`${acme.github.apiUrl}${ACME_REPO}/contents/docs/a.md?ref=next`, {
      headers: { accept: "application/vnd.github.raw+json" },
    });
    expect(await raw.text()).toBe("# A\n");
    expect((await api("GET", "/contents/docs?ref=next")).body).toMatchObject([{ name: "a.md", type: "file", size: 4 }]);
    expect((await api("GET", "/contents/docs/a.md")).status).toBe(404);
    const compared = await api("GET", "/compare/main...next");
    expect(compared.fields).toMatchObject({
      status: "ahead",
      ahead_by: 1,
      behind_by: 0,
      files: [{ filename: "docs/a.md" }],
    });
    expect((await api("GET", "/compare/next...main")).fields).toMatchObject({
      status: "behind",
      commits: [],
      files: [],
    });
    expect((await api("GET", `/commits/${head}`)).fields).toMatchObject({
      sha: head,
      author: { login: "bob" },
      files: [{}],
    });
    expect((await api("GET", "/commits?sha=next")).body).toMatchObject([{ sha: head }, { sha: acme.code }]);
    await acme.repo.git(["update-ref", "refs/tags/v1", head]);
    expect((await api("GET", "/tags")).body).toMatchObject([{ name: "v1", commit: { sha: head } }]);
    expect((await api("GET", "/commits/main/check-runs")).body).toEqual({ total_count: 0, check_runs: [] });
  });

  it("are changed by the editor only with the blob that they replace", async () => {
    const content = Buffer.from("new\n").toString("base64");
    const made = await api("PUT", "/contents/x.txt", { message: "Add", content });
    expect(made.status, made.text).toBe(201);
    expect((await api("PUT", "/contents/x.txt", { message: "Change", content })).status).toBe(422);
    expect((await api("PUT", "/contents/x.txt", { message: "Change", content, sha: "0".repeat(40) })).status).toBe(409);
    const { sha } = (await api("GET", "/contents/x.txt")).fields;
    expect((await api("DELETE", "/contents/x.txt", { message: "Drop", sha })).status).toBe(200);
    expect(await acme.repo.git(["log", "--format=%s %cn", "main"])).toBe("Drop GitHub\nAdd GitHub\nBegin Alice");
  });
});
