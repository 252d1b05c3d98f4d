import { describe, expect, it } from "vitest";
import { changePull, openPull, pushFiles, send } from "../../../github/people.ts";
import { all, PAGE, proposalIn, proposing } from "../../../support/github-forge.ts";

const REPO = "/repos/acme/notes";

describe("opening a proposal on GitHub", () => {
  it("makes one pull request with its page, and finds it again", async () => {
    const { acme, forge, head, base, opened } = await proposing();
    const { bob, carol } = acme.people;
    const proposal = await opened({ reviewers: [bob.id, carol.id] });
    expect(proposal).toMatchObject({ id: "prop_one", head, base, state: "open", merge: null, foreign: false });
    expect(proposal.url).toBe(`${acme.github.serverUrl}/acme/notes/pull/${proposal.number}`);
    const again = proposalIn(
      await forge.open({ id: "prop_one", head, base }, { ...PAGE, reviewers: [bob.id, carol.id] }),
    );
    expect(again).toEqual(proposal);
    expect(acme.repo.features.pulls.all).toHaveLength(1);
    const shown = await send(acme.github, bob, "GET", `${REPO}/pulls/${proposal.number}`);
    expect(shown.fields).toMatchObject({
      title: PAGE.title,
      body: PAGE.body,
      labels: [{ name: "waybill:promotion" }],
      requested_reviewers: [{ login: "bob" }, { login: "carol" }],
    });
    expect(await forge.find("prop_one")).toEqual(proposal);
    expect(await forge.find(proposal.number ?? 0)).toEqual(proposal);
    expect(await forge.find("prop_none")).toBeNull();
    expect(await forge.find("../x")).toBeNull();
    expect(await forge.find(999)).toBeNull();
  });

  it("gives the link and the setting where workflows may not open pull requests", async () => {
    const { acme, forge, head, base } = await proposing();
    acme.repo.features.settings.canApprove = false;
    const answer = await forge.open({ id: "prop_one", head, base }, PAGE);
    const compareUrl = `${acme.github.serverUrl}/acme/notes/compare/waybill/decisions...waybill/proposal/prop_one?expand=1`;
    expect(answer).toMatchObject({
      compareUrl,
      why: {
        code: "forge.pull_request.not_permitted",
        message: "GitHub Actions may not open pull requests in acme/notes",
        hints: [
          `The branch is pushed; open it: ${compareUrl}`,
          "For good: Settings > Actions > General > Allow GitHub Actions to create and approve pull requests",
        ],
      },
    });
    expect(acme.repo.features.pulls.all).toHaveLength(0);
  });

  it("gives the link and the permission where the token lacks it", async () => {
    const { acme, as, head, base } = await proposing();
    const bot = acme.github.addAccount("reader[bot]", "Bot");
    const weak = as(acme.github.token(bot, "workflow", { contents: "write", metadata: "read" }));
    const answer = await weak.open({ id: "prop_one", head, base }, PAGE);
    expect(answer).toMatchObject({
      why: { code: "forge.pull_request.not_permitted", message: "This token may not open pull requests in acme/notes" },
    });
  });

  it("opens it although a reviewer is no collaborator, the author, or gone", async () => {
    const { acme, as, head, base } = await proposing();
    const { alice, bob } = acme.people;
    const dave = acme.github.addAccount("dave");
    const page = { ...PAGE, reviewers: [alice.id, dave.id, 999_999, bob.id] };
    const { number } = proposalIn(await as(acme.tokens.alice).open({ id: "prop_one", head, base }, page));
    const shown = await send(acme.github, alice, "GET", `${REPO}/pulls/${number}/requested_reviewers`);
    expect(shown.fields["users"]).toMatchObject([{ login: "bob" }]);
  });
});

describe("the list of proposals on GitHub", () => {
  it("holds pull requests into decisions, newest first, and tells foreign ones and others' branches apart", async () => {
    const { acme, forge, opened } = await proposing();
    const { github, repo, people } = acme;
    const one = await opened();
    await pushFiles(github, repo, "topic", people.bob, { "x.json": "{}\n" }, "waybill/decisions");
    const other = await openPull(github, repo, people.bob, { head: "topic", base: "waybill/decisions" });
    await pushFiles(github, repo, "code", people.bob, { "x.txt": "x\n" }, "main");
    const code = await openPull(github, repo, people.bob, { head: "code", base: "main" });
    const mallory = github.addAccount("mallory");
    const fork = await github.addRepository({ owner: mallory, name: "notes", forkOf: repo });
    await pushFiles(github, fork, "waybill/proposal/prop_one", mallory, { "y.json": "{}\n" }, "waybill/decisions");
    const foreign = await openPull(github, repo, mallory, {
      head: "mallory:waybill/proposal/prop_one",
      base: "waybill/decisions",
    });
    const listed = await all(forge.list("open"));
    expect(listed.map(({ id, number, foreign: is }) => [id, number, is])).toEqual([
      [`pull-${foreign}`, foreign, true],
      [`pull-${other}`, other, false],
      ["prop_one", one.number, false],
    ]);
    expect(await forge.find("prop_one")).toMatchObject({ number: one.number, foreign: false });
    expect(await forge.find(foreign)).toMatchObject({ foreign: true });
    expect(await forge.find(code)).toBeNull();
    expect(await all(forge.list("merged"))).toEqual([]);
  });

  it("goes over all pages", async () => {
    const { acme, forge, opened } = await proposing();
    await opened();
    const { pulls, issues } = acme.repo.features;
    const [one] = pulls.all;
    for (let i = 0; i < 100; i += 1)
      pulls.all.push({
        ...one!,
        id: acme.github.world.nextId(),
        number: issues.nextNumber(),
        reviews: [],
        requested: [],
      });
    expect(await all(forge.list("open"))).toHaveLength(101);
  });

  it("finds the newest of several pull requests of one branch", async () => {
    const { acme, forge, opened, head, base } = await proposing();
    const first = await opened();
    await forge.close(first);
    await forge.close(first);
    acme.github.world.advance(60_000);
    const second = proposalIn(await forge.open({ id: "prop_one", head, base }, PAGE));
    expect(second.number).not.toBe(first.number);
    expect(await forge.find("prop_one")).toMatchObject({ number: second.number, state: "open" });
    expect(await forge.find(first.number ?? 0)).toMatchObject({ state: "closed" });
  });
});

describe("the page of a proposal on GitHub", () => {
  it("is written where it differs, and only there", async () => {
    const { acme, forge, opened } = await proposing();
    const proposal = await opened();
    const { requests } = acme.github.world;
    const writes = () => requests.filter(({ method, kind }) => kind === "rest" && method !== "GET").length;
    const before = writes();
    await forge.show(proposal, PAGE);
    expect(writes()).toBe(before);
    const crlf = { body: PAGE.body.replaceAll("\n", "\r\n") };
    await changePull(acme.github, acme.repo, proposal.number ?? 0, acme.people.bob, crlf);
    const saved = writes();
    await forge.show(proposal, PAGE);
    expect(writes()).toBe(saved);
    await forge.show(proposal, { ...PAGE, body: "Now red.\n", labels: ["waybill:rollback"] });
    const shown = await send(acme.github, acme.people.bob, "GET", `${REPO}/pulls/${proposal.number}`);
    expect(shown.fields).toMatchObject({ body: "Now red.\n", labels: [{ name: "waybill:rollback" }] });
  });

  it("leaves labels alone that are not ours", async () => {
    const { acme, forge, opened } = await proposing();
    const proposal = await opened();
    await send(acme.github, acme.people.bob, "POST", `${REPO}/issues/${proposal.number}/labels`, {
      labels: ["urgent"],
    });
    await forge.show(proposal, { ...PAGE, labels: [] });
    const shown = await send(acme.github, acme.people.bob, "GET", `${REPO}/pulls/${proposal.number}`);
    expect(shown.fields["labels"]).toMatchObject([{ name: "urgent" }]);
  });

  it("asks a reviewer once, also one who was renamed, and never again", async () => {
    const { acme, forge, opened } = await proposing();
    const { bob, carol } = acme.people;
    const proposal = await opened();
    carol.login = "caroline";
    const page = { ...PAGE, reviewers: [bob.id, carol.id] };
    await forge.show(proposal, page);
    const path = `${REPO}/pulls/${proposal.number}/requested_reviewers`;
    expect((await send(acme.github, bob, "GET", path)).fields["users"]).toMatchObject([
      { login: "bob" },
      { login: "caroline" },
    ]);
    await send(acme.github, bob, "DELETE", path, { reviewers: ["bob"] });
    await send(acme.github, carol, "POST", `${REPO}/pulls/${proposal.number}/reviews`, { event: "COMMENT", body: "?" });
    await forge.show(proposal, page);
    expect((await send(acme.github, bob, "GET", path)).fields["users"]).toEqual([]);
  });
});

describe("what a proposal on GitHub is told", () => {
  it("posts a status where the newest says something else, also where another writer forged it", async () => {
    const { acme, forge, opened, head } = await proposing();
    const proposal = await opened();
    const red = { state: "pending", description: "Waits: 0 of 2 approvals" } as const;
    await forge.post(proposal, red);
    await forge.post(proposal, red);
    expect(acme.repo.features.statuses.of(head)).toHaveLength(1);
    const forged = { state: "success", context: "waybill/verdict", description: "Ready" };
    await send(acme.github, acme.people.carol, "POST", `${REPO}/statuses/${head}`, forged);
    await forge.post(proposal, red);
    expect(acme.repo.features.statuses.newest(head)).toMatchObject([{ state: "pending", context: "waybill/verdict" }]);
  });

  it("does not fail where somebody used up the statuses of the commit", async () => {
    const { acme, forge, opened, head } = await proposing();
    const proposal = await opened();
    for (let i = 0; i < 1000; i += 1) {
      acme.repo.features.statuses.add({
        id: i,
        sha: head,
        context: "waybill/verdict",
        state: "success",
        description: "forged",
        targetUrl: null,
        createdAt: acme.github.world.timestamp(),
        creator: acme.people.carol,
      });
    }
    await forge.post(proposal, { state: "pending", description: "Waits" });
    expect(acme.repo.features.statuses.newest(head)).toMatchObject([{ description: "forged" }]);
  });

  it("comments once per event, and is not fooled by another's marker", async () => {
    const { acme, forge, opened } = await proposing();
    const proposal = await opened();
    const issue = proposal.number ?? 0;
    const marker = "<!-- waybill:comment superseded -->";
    await send(acme.github, acme.people.carol, "POST", `${REPO}/issues/${issue}/comments`, { body: `${marker}\nno` });
    await forge.comment(proposal, "superseded", "#131 was merged first.");
    await forge.comment(proposal, "superseded", "#131 was merged first.");
    await forge.comment(proposal, "not_honoured", "This merge did not move stable.");
    const ours = acme.repo.features.issues.commentsOf(issue).filter(({ user }) => user.login === "github-actions[bot]");
    expect(ours.map(({ body }) => body)).toEqual([
      `${marker}\n#131 was merged first.`,
      "<!-- waybill:comment not_honoured -->\nThis merge did not move stable.",
    ]);
  });
});

describe("the repository on GitHub", () => {
  it("says what it is, who asks, and what time it is", async () => {
    const { acme, forge, as } = await proposing();
    expect(await forge.repositoryId()).toBe(acme.repo.id);
    expect(await forge.visibility()).toBe("public");
    expect(forge.name).toBe("acme/notes");
    expect(forge.url).toBe(`${acme.github.serverUrl}/acme/notes`);
    expect(await forge.account("bob")).toEqual({ id: acme.people.bob.id, login: "bob", kind: "user" });
    expect(await forge.account("nobody")).toBeNull();
    expect(await forge.me()).toMatchObject({ login: "github-actions[bot]", kind: "bot" });
    expect(await as(acme.tokens.bob).me()).toEqual({ id: acme.people.bob.id, login: "bob", kind: "user" });
    expect((await forge.now()).toISOString()).toBe("2026-03-01T12:00:00.000Z");
    acme.github.world.advance(60_000);
    expect((await forge.now()).toISOString()).toBe("2026-03-01T12:01:00.000Z");
  });

  it("starts a workflow of the default branch, and says where there is none", async () => {
    const { acme, forge } = await proposing();
    const yml = "on: { workflow_dispatch: { inputs: { proposal: { type: string } } } }\njobs: {}\n";
    await pushFiles(acme.github, acme.repo, "main", acme.people.alice, { ".github/workflows/gate.yml": yml });
    await forge.dispatch("gate.yml", { proposal: "prop_one" });
    expect(acme.github.world.events.filter(({ name }) => name === "workflow_dispatch")).toMatchObject([
      { payload: { inputs: { proposal: "prop_one" }, ref: "refs/heads/main" }, suppressed: false },
    ]);
    await expect(forge.dispatch("none.yml", {})).rejects.toMatchObject({ code: "forge.not_found" });
  });
});
