import { describe, expect, it } from "vitest";
import { deleteAccount } from "../../../github/model/rights.ts";
import {
  approve,
  changePull,
  dismiss,
  mergeAs,
  openPull,
  pushFiles,
  review,
  run,
  send,
} from "../../../github/people.ts";
import { proposing, pushProposal } from "../../../support/github-forge.ts";

/** A proposal that is open, and how to ask about it. */
async function asked() {
  const proposal = await proposing();
  const opened = await proposal.opened();
  return {
    ...proposal,
    opened,
    number: opened.number ?? 0,
    answers: (which: { run_id: number; attempt: number } | null = null) => proposal.forge.answers(opened, which),
  };
}

describe("what GitHub says of a proposal", () => {
  it("names who opened it, whose commits it has, and what time it is", async () => {
    const { acme, forge, head, answers } = await asked();
    const alice = { id: acme.people.alice.id, login: "alice", kind: "user" };
    const bot = await forge.me();
    expect(bot).toMatchObject({ login: "github-actions[bot]", kind: "bot" });
    expect(await answers()).toEqual({
      author: bot,
      commits: [{ commit: head, author: alice, committer: alice }],
      reviews: [],
      retargeted: false,
      merged: null,
      run: null,
      at: "2026-03-01T12:00:00Z",
    });
  });

  it("knows no account behind a commit that names nobody", async () => {
    const { acme, answers } = await asked();
    const { repo, github, people } = acme;
    const stranger = { id: 424_242, login: "stranger", type: "User" } as const;
    await pushFiles(github, repo, "waybill/proposal/prop_one", people.alice, {
      "channels/acme-notes/stable.json.sig": "x\n",
    });
    await pushFiles(github, repo, "waybill/proposal/prop_one", stranger, {
      "channels/acme-notes/stable.json.sig": "y\n",
    });
    expect((await answers()).commits.map(({ author }) => author?.login ?? null)).toEqual(["alice", "alice", null]);
  });

  it("tells reviews with commit, time, and whether their author may write, oldest first", async () => {
    const { acme, number, head, answers } = await asked();
    const { github, repo, people } = acme;
    const dave = github.addAccount("dave");
    await approve(github, repo, number, people.bob);
    github.world.advance(60_000);
    await approve(github, repo, number, dave);
    const moved = await pushProposal(acme, "prop_one", "two");
    github.world.advance(60_000);
    await review(github, repo, number, people.carol, { event: "REQUEST_CHANGES" });
    await review(github, repo, number, people.bob, { event: "COMMENT" });
    const { reviews, at } = await answers();
    expect(reviews).toEqual([
      row(people.bob.id, "bob", "approved", head, "2026-03-01T12:00:00Z", true),
      row(dave.id, "dave", "approved", head, "2026-03-01T12:01:00Z", false),
      row(people.carol.id, "carol", "changes_requested", moved, "2026-03-01T12:02:00Z", true),
      row(people.bob.id, "bob", "commented", moved, "2026-03-01T12:02:00Z", true),
    ]);
    expect(at).toBe("2026-03-01T12:02:00Z");
  });

  it("remembers what a dismissed review said, and when it was dismissed", async () => {
    const { acme, number, head, answers } = await asked();
    const { github, repo, people } = acme;
    const id = await approve(github, repo, number, people.bob);
    github.world.advance(60_000);
    await dismiss(github, repo, number, id, people.alice);
    expect((await answers()).reviews).toEqual([
      {
        ...row(people.bob.id, "bob", "approved", head, "2026-03-01T12:00:00Z", true),
        dismissedAt: "2026-03-01T12:01:00Z",
      },
    ]);
    repo.features.issues.events.length = 0;
    await expect(answers()).rejects.toMatchObject({ code: "forge.unavailable" });
  });

  it("leaves a review out that is not submitted yet", async () => {
    const { acme, number, answers } = await asked();
    const path = `/repos/acme/notes/pulls/${number}/reviews`;
    await send(acme.github, { token: acme.tokens.workflow }, "POST", path, { body: "draft" });
    expect((await answers()).reviews).toEqual([]);
  });

  it("asks for the rights of an account by its id: renamed it has them, a login that is another's says nothing", async () => {
    const { acme, number, answers } = await asked();
    const { github, repo, people } = acme;
    await approve(github, repo, number, people.bob);
    people.bob.login = "robert";
    expect((await answers()).reviews).toMatchObject([{ by: { id: people.bob.id, login: "robert" }, mayWrite: true }]);
    // Between two requests the login is renamed, and somebody else registers it.
    github.world.faults.add({
      when: ({ path }) => {
        if (!path.endsWith("/collaborators/robert/permission")) return false;
        people.bob.login = "bobby";
        const other = github.addAccount("robert");
        repo.roles.set(other.id, "admin");
        return false;
      },
      effect: { kind: "drop" },
    });
    expect((await answers()).reviews).toMatchObject([{ by: { id: people.bob.id }, mayWrite: null }]);
  });

  it("knows nobody behind the review and the request of a deleted account", async () => {
    const { acme, as, head, base } = await proposing();
    const { github, repo, people } = acme;
    const { bob, carol } = people;
    const forge = as(acme.tokens.bob);
    const opened = await forge.open(
      { id: "prop_one", head, base },
      { title: "x", body: "x", labels: [], reviewers: [] },
    );
    const proposal = "proposal" in opened ? opened.proposal : null;
    await approve(github, repo, proposal?.number ?? 0, carol);
    deleteAccount(github.world, carol);
    deleteAccount(github.world, bob);
    github.addAccount("carol");
    const { author, reviews } = await as(acme.tokens.alice).answers(proposal!, null);
    expect(author).toBeNull();
    expect(reviews).toMatchObject([{ by: null, verdict: "approved", mayWrite: null }]);
  });

  it("says nothing of rights that the token may not ask for", async () => {
    const { acme, number, answers } = await asked();
    await approve(acme.github, acme.repo, number, acme.people.bob);
    acme.github.world.faults.add({
      when: ({ path }) => path.endsWith("/permission"),
      effect: { kind: "status", status: 403, message: "Resource not accessible by integration" },
    });
    expect((await answers()).reviews).toMatchObject([{ mayWrite: null }]);
  });

  it("sees that the base was another one, even when it is back", async () => {
    const { acme, number, answers } = await asked();
    const { github, repo, people } = acme;
    await pushFiles(github, repo, "elsewhere", people.alice, { "z.txt": "z\n" }, "waybill/decisions");
    await changePull(github, repo, number, people.bob, { base: "elsewhere" });
    await changePull(github, repo, number, people.bob, { base: "waybill/decisions" });
    expect((await answers()).retargeted).toBe(true);
  });

  it("tells who merged it, when, and as which commit", async () => {
    const { acme, number, answers } = await asked();
    acme.github.world.advance(90_000);
    await mergeAs(acme.github, acme.repo, number, acme.people.bob, { merge_method: "merge" });
    const tip = await acme.repo.ref("refs/heads/waybill/decisions");
    expect((await answers()).merged).toEqual({
      at: "2026-03-01T12:01:30Z",
      by: { id: acme.people.bob.id, login: "bob", kind: "user" },
      commit: tip,
    });
  });

  it("reads all pages of reviews", async () => {
    const { acme, number, answers } = await asked();
    const id = await approve(acme.github, acme.repo, number, acme.people.bob);
    const { reviews } = acme.repo.features.pulls.all[0]!;
    const first = reviews.find((one) => one.id === id);
    for (let i = 0; i < 150; i += 1) reviews.push({ ...first!, id: acme.github.world.nextId(), state: "COMMENTED" });
    expect((await answers()).reviews).toHaveLength(151);
  });
});

describe("comments of strangers", () => {
  it("cost no request each", async () => {
    const { acme, number, answers } = await asked();
    const { github, repo } = acme;
    const strangers = Array.from({ length: 20 }, (_, i) => github.addAccount(`stranger-${i}`));
    for (const stranger of strangers) await review(github, repo, number, stranger, { event: "COMMENT" });
    const before = github.world.requests.length;
    expect((await answers()).reviews).toHaveLength(20);
    expect(github.world.requests.length - before).toBe(4);
  });
});

describe("what GitHub says of the run that asked", () => {
  it("names attempt, starter, event and file, and whether it ran the default branch's code", async () => {
    const { acme, answers } = await asked();
    const { id } = await run(acme.github, acme.repo, acme.people.bob);
    expect((await answers({ run_id: id, attempt: 1 })).run).toEqual({
      id,
      attempt: 1,
      starter: { id: acme.people.bob.id, login: "bob", kind: "user" },
      event: "workflow_dispatch",
      path: ".github/workflows/promote.yml",
      isDefaultBranch: true,
    });
    expect((await answers({ run_id: id, attempt: 2 })).run).toBeNull();
    expect((await answers({ run_id: 1, attempt: 1 })).run).toBeNull();
  });

  it("does not take another branch, a fork, or a tag with the default branch's name for it", async () => {
    const { acme, answers, head } = await asked();
    const { github, repo, people } = acme;
    const fork = await github.addRepository({ owner: github.addAccount("mallory"), name: "notes", forkOf: repo });
    const runs = [
      await run(github, repo, people.bob, { headBranch: "topic" }),
      await run(github, repo, people.bob, { headRepositoryId: fork.id }),
      await run(github, repo, people.bob, { headSha: head }),
    ];
    for (const { id } of runs)
      expect((await answers({ run_id: id, attempt: 1 })).run).toMatchObject({ isDefaultBranch: false });
  });

  it("still knows it when the branch went on", async () => {
    const { acme, answers } = await asked();
    const { id } = await run(acme.github, acme.repo, acme.people.bob);
    await pushFiles(acme.github, acme.repo, "main", acme.people.alice, { "b.txt": "b\n" });
    expect((await answers({ run_id: id, attempt: 1 })).run).toMatchObject({ isDefaultBranch: true });
  });

  it("does not say that there is none where GitHub fails", async () => {
    const { acme, answers } = await asked();
    const { id } = await run(acme.github, acme.repo, acme.people.bob);
    const when = ({ path }: { readonly path: string }) => path.includes("/actions/runs/");
    acme.github.world.faults.add({ when, effect: { kind: "status", status: 502 }, times: 99 });
    await expect(answers({ run_id: id, attempt: 1 })).rejects.toMatchObject({ code: "forge.unavailable" });
  });
});

function row(id: number, login: string, verdict: string, commit: string, submittedAt: string, mayWrite: boolean) {
  return { by: { id, login, kind: "user" }, verdict, commit, submittedAt, dismissedAt: null, mayWrite };
}

describe("a pull request from a fork", () => {
  it("is answered like any other", async () => {
    const { acme, forge } = await proposing();
    const { github, repo } = acme;
    const mallory = github.addAccount("mallory");
    const fork = await github.addRepository({ owner: mallory, name: "notes", forkOf: repo });
    await pushFiles(github, fork, "x", mallory, { "channels/acme-notes/stable.json": "{}\n" }, "waybill/decisions");
    const number = await openPull(github, repo, mallory, { head: "mallory:x", base: "waybill/decisions" });
    const proposal = await forge.find(number);
    expect(proposal).toMatchObject({ id: `pull-${number}`, foreign: true });
    expect(await forge.answers(proposal!, null)).toMatchObject({ author: { id: mallory.id }, retargeted: false });
  });
});
