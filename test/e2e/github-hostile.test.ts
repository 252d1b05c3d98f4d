import { describe, expect, it } from "vitest";
import { approve, mergeAs, moveAs, openPull, pushFiles, run } from "../github/people.ts";
import {
  asBob,
  DECISIONS,
  expectNotHonoured,
  freezeNow,
  POINTER,
  promoted,
  rowOf,
  textOf,
} from "../support/github-decisions.ts";
import {
  makeStage,
  promotion,
  type ProposalNamed,
  proposalOf,
  publish,
  type Stage,
  at,
} from "../support/github-stage.ts";

/** One hostile pull request: how it comes about, the rule that stops it, what that says, and what its merge is worth. */
interface Attack {
  readonly what: string;
  readonly make: (stage: Stage) => Promise<ProposalNamed>;
  readonly rule: string;
  readonly says: RegExp;
  readonly state: "failure" | "pending";
  readonly condition: string;
  /** What its pull request is told once it is merged, where that is not what stopped it. */
  readonly told?: RegExp;
}

const attacks: readonly Attack[] = [
  {
    what: "comes from a fork",
    async make(stage) {
      const { acme } = stage;
      const { id } = await promoted(stage);
      const dave = acme.github.addAccount("dave");
      const fork = await acme.github.addRepository({ owner: dave, name: "notes", forkOf: acme.repo });
      const text = await textOf(stage, `refs/heads/waybill/proposal/${id}`, POINTER);
      const branch = "waybill/proposal/prop_0000000000da";
      await pushFiles(acme.github, fork, branch, dave, { [POINTER]: text.replace(id, "prop_0000000000da") }, DECISIONS);
      const number = await openPull(acme.github, acme.repo, dave, {
        head: `dave:${branch}`,
        base: "waybill/decisions",
      });
      await asBob(stage, number);
      return { id: String(number), number };
    },
    rule: "origin",
    says: /comes from another repository/,
    state: "failure",
    condition: "approvals",
    told: /bob approved a proposal that was not made here/,
  },
  {
    what: "brings a file more",
    async make(stage) {
      const { acme } = stage;
      const proposal = await promoted(stage);
      const files = { "README.md": "Trust me.\n" };
      await pushFiles(acme.github, acme.repo, `waybill/proposal/${proposal.id}`, acme.people.carol, files);
      await asBob(stage, proposal.number);
      return proposal;
    },
    rule: "shape",
    says: /also changes README\.md/,
    state: "failure",
    condition: "shape",
  },
  {
    what: "edits policy next to the pointer",
    async make(stage) {
      const { acme } = stage;
      const proposal = await promoted(stage);
      const policy = (await textOf(stage, DECISIONS, "policy.json")).replaceAll('"bob"', '"carol"');
      const files = { "policy.json": policy };
      await pushFiles(acme.github, acme.repo, `waybill/proposal/${proposal.id}`, acme.people.carol, files);
      await asBob(stage, proposal.number);
      return proposal;
    },
    rule: "shape",
    says: /changes 2 decisions; a proposal changes one/,
    state: "failure",
    condition: "shape",
  },
  {
    what: "forges who asked for it",
    async make(stage) {
      const { acme } = stage;
      const name = { GIT_AUTHOR_NAME: "alice", GIT_AUTHOR_EMAIL: "alice@acme.example" };
      const proposal = proposalOf(await stage.seat(acme.tokens.carol, name).sure(promotion("1.0.0"), 3));
      await asBob(stage, proposal.number);
      return proposal;
    },
    rule: "approvals",
    says: /requested_by names alice, whose account did not ask, which costs one approval more/,
    state: "failure",
    condition: "approvals",
    told: /Only bob may approve; (?:nobody vouched for who asked|the request is signed by nobody)/,
  },
  {
    what: "was approved on an older head",
    async make(stage) {
      const { acme } = stage;
      const proposal = await promoted(stage);
      await asBob(stage, proposal.number);
      const ref = `refs/heads/waybill/proposal/${proposal.id}`;
      const head = await acme.repo.ref(ref);
      const who = ["-c", "user.name=Alice", "-c", "user.email=alice@acme.example"];
      const commit = [...who, "commit-tree", `${head}^{tree}`, "-p", `${head}^`, "-m", "The same once more"];
      await moveAs(acme.github, acme.repo, acme.people.alice, ref, head, await acme.repo.git(commit));
      return proposal;
    },
    rule: "approvals",
    says: /Not counted: bob approved [0-9a-f]{7}, an older head/,
    state: "pending",
    condition: "approvals",
  },
  {
    what: "is approved by a bot",
    async make(stage) {
      const { acme } = stage;
      acme.repo.features.settings.canApprove = true;
      const proposal = await promoted(stage);
      await approve(acme.github, acme.repo, proposal.number, acme.github.world.account("github-actions[bot]")!);
      return proposal;
    },
    rule: "approvals",
    says: /github-actions\[bot\] is a bot/,
    state: "pending",
    condition: "approvals",
  },
  {
    what: "is approved by who asked for it",
    async make(stage) {
      const { acme } = stage;
      // A run that bob started opens it, so that the forge lets bob approve it.
      const path = ".github/workflows/waybill-publish.yml";
      const { id } = await run(acme.github, acme.repo, acme.people.bob, { path });
      const job = stage.job({
        GITHUB_RUN_ID: String(id),
        GITHUB_RUN_ATTEMPT: "1",
        GITHUB_WORKFLOW_REF: `acme/notes/${path}@refs/heads/main`,
      });
      acme.repo.features.settings.canApprove = true;
      const proposal = proposalOf(await job.sure(promotion("1.0.0"), 3));
      await asBob(stage, proposal.number);
      return proposal;
    },
    rule: "approvals",
    says: /bob requested it/,
    state: "pending",
    condition: "approvals",
  },
  {
    what: "is merged inside a freeze window",
    async make(stage) {
      const change = await freezeNow(stage);
      await asBob(stage, change.number);
      await stage.bob.sure(["waybill", "gate", "merge", change.id]);
      const proposal = await promoted(stage);
      await asBob(stage, proposal.number);
      return proposal;
    },
    rule: "freeze",
    says: /a freeze window is on until/,
    state: "pending",
    condition: "freeze",
  },
];

describe.each(attacks)("a pull request that $what", ({ make, rule, says, state, condition, told = says }) => {
  it("is stopped for that reason, and merged by an administrator anyway it moves nothing", async () => {
    const stage = await makeStage();
    const { acme, carol, bob } = stage;
    const { pulls, issues, statuses } = acme.repo.features;
    await publish(stage, "1.0.0");
    const { id, number } = await make(stage);

    await stage.job().type("waybill", "gate", "sync");
    const shown = await carol.sure(["waybill", "gate", "show", id]);
    expect(at(rowOf(shown, rule), "message")).toMatch(says);
    expect(statuses.newest(pulls.get(number)!.headSha)).toMatchObject([{ context: "waybill/verdict", state }]);
    const refused = await bob.type("waybill", "gate", "merge", id);
    expect([at(refused, "exit"), at(refused, "error", "message")]).toEqual([
      state === "failure" ? 1 : 3,
      expect.stringMatching(says),
    ]);

    const merged = await mergeAs(acme.github, acme.repo, number, acme.people.alice);
    expect(merged.status).toBe(200);
    const commit = String(merged.fields["sha"]);
    await stage.job().sure(["waybill", "gate", "sync"]);
    await stage.job().sure(["waybill", "gate", "sync"]);
    const [comment, ...more] = issues.commentsOf(number).map(({ body }) => body);
    expect([comment, more]).toEqual([expect.stringContaining("This merge did not change"), []]);
    // Text that came from outside is escaped there.
    expect(comment?.replaceAll("\\", "")).toMatch(told);
    await expectNotHonoured(stage, { commit, condition, says: told, version: null });
  });
});

describe("two proposals that are approved each for itself", () => {
  it("do not move a channel by rules that its approvers never met: policy is merged first, the pointer blindly after it", async () => {
    const stage = await makeStage();
    const { acme, carol, alice } = stage;
    await publish(stage, "1.0.0");
    const pointer = await promoted(stage);
    const flags = ["--add-approver", "carol=@carol", "--min-approvals", "2", "--reason", "four eyes"] as const;
    const stricter = ["waybill", "gate", "open", "policy", ...flags] as const;
    const policy = proposalOf(await alice.sure(stricter, 3));
    for (const { number } of [pointer, policy]) await asBob(stage, number);
    await stage.job().sure(["waybill", "gate", "sync"]);
    expect(rowOf(await carol.sure(["waybill", "gate", "show", pointer.id]), "approvals")).toMatchObject({
      status: "ok",
    });

    expect((await mergeAs(acme.github, acme.repo, policy.number, acme.people.bob)).status).toBe(200);
    await stage.job().sure(["waybill", "gate", "sync"]);
    const row = rowOf(await carol.sure(["waybill", "gate", "show", pointer.id]), "approvals");
    expect(at(row, "status")).not.toBe("ok");
    expect(at(row, "message")).toMatch(/1 of 2: bob/);
    // Git sees no conflict, and the forge none of our rules.
    const merged = await mergeAs(acme.github, acme.repo, pointer.number, acme.people.alice);
    expect(merged.status).toBe(200);
    await stage.job().sure(["waybill", "gate", "sync"]);
    await expectNotHonoured(stage, {
      commit: String(merged.fields["sha"]),
      condition: "approvals",
      says: /1 of 2: bob. May approve: carol/,
      version: null,
    });
  });

  it("cannot both move one channel, nor can a state that somebody mixed from them and pushed", async () => {
    const stage = await makeStage();
    const { acme, alice } = stage;
    const { repo, github, people } = acme;
    await publish(stage, "1.0.0");
    await publish(stage, "2.0.0");
    const [first, second] = [
      proposalOf(await alice.sure(promotion("1.0.0"), 3)),
      proposalOf(await alice.sure(promotion("2.0.0"), 3)),
    ];
    for (const { number } of [first, second]) await asBob(stage, number);
    expect((await mergeAs(github, repo, first.number, people.bob)).status).toBe(200);
    expect((await mergeAs(github, repo, second.number, people.bob)).status).toBe(409);
    const tip = await repo.ref(DECISIONS);
    const head = await repo.ref(`refs/heads/waybill/proposal/${second.id}`);
    const text = await textOf(stage, String(head), POINTER);
    const mixed = text.replace('"rollout_percent": 100', '"rollout_percent": 50');
    expect(mixed).not.toBe(text);
    const oid = await repo.writeObject("blob", Buffer.from(mixed));
    const tree = await repo.editTree(
      await repo.git(["rev-parse", `${tip}^{tree}`]),
      new Map([[POINTER, { mode: "100644", oid }]]),
    );
    const who = ["-c", "user.name=Carol", "-c", "user.email=carol@acme.example"];
    const commit = await repo.git([
      ...who,
      "commit-tree",
      tree,
      "-p",
      String(tip),
      "-p",
      String(head),
      "-m",
      "Merge both",
    ]);
    await moveAs(github, repo, people.carol, DECISIONS, tip, commit);
    await stage.job().sure(["waybill", "gate", "sync"]);
    await expectNotHonoured(stage, {
      commit,
      condition: "shape",
      says: /changes something else than its proposal does/,
      version: "1.0.0",
    });
  });
});
