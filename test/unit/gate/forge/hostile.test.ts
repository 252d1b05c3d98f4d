import { describe, expect, it } from "vitest";
import { isRefused } from "../../../../src/kernel/errors.ts";
import { showProposal } from "../../../../src/gate/review/show.ts";
import { DECISIONS } from "../../../../src/state/branches.ts";
import { type ForgeWorld, type ForgeWorldOptions, makeForgeWorld } from "../../../support/forge-world.ts";
import { merge, STABLE } from "../../../support/gate-steps.ts";
import { hostile } from "../../../support/hostile.ts";

/** One hostile proposal: what is done before it is judged, the rule that refuses it, and why; merged anyway, it is not honoured. */
interface Attack {
  readonly what: string;
  readonly options?: ForgeWorldOptions;
  readonly prepare: (world: ForgeWorld, id: string) => Promise<void>;
  readonly promote?: Parameters<ForgeWorld["promote"]>[1];
  readonly rule: string;
  readonly says: RegExp;
  /** How readers see its merge once gate sync has run. */
  readonly fate: RegExp;
}

const approve = (world: ForgeWorld) => world.github.review(1, world.bob);

const attacks: readonly Attack[] = [
  {
    what: "an extra file",
    prepare: async (world, id) => {
      await hostile(world).put(`waybill/proposal/${id}`, { "README.md": "Trust me.\n" });
      await approve(world);
    },
    rule: "shape",
    says: /also changes README\.md/,
    fate: /shape: also changes README\.md/,
  },
  {
    what: "an edited policy next to the pointer",
    prepare: async (world, id) => {
      await hostile(world).put(`waybill/proposal/${id}`, { "policy.json": "{}\n" });
      await approve(world);
    },
    rule: "shape",
    says: /changes 2 decisions; a proposal changes one/,
    fate: /changes 2 decisions/,
  },
  {
    what: "an edit of the decision after its approval",
    prepare: async (world, id) => {
      await approve(world);
      const [found] = await world.store.read(world.github.pull(1).head, [STABLE]);
      const text = found && "bytes" in found ? Buffer.from(found.bytes).toString() : "";
      await hostile(world).put(`waybill/proposal/${id}`, { [STABLE]: text.replace("1.0.0", "6.6.6") });
    },
    rule: "shape",
    says: /second commit to the decision/,
    fate: /second commit to the decision/,
  },
  {
    what: "an approval of an older head",
    prepare: async (world, id) => {
      const before = world.github.pull(1).head;
      // A head that was pushed over: the same decision in another commit.
      const { on, writes } = await sameDecision(world, id);
      hostile(world).move(`waybill/proposal/${id}`, on);
      await hostile(world).put(`waybill/proposal/${id}`, writes);
      await world.github.review(1, world.bob, "approved", before);
    },
    rule: "approvals",
    says: /Not counted: bob approved [0-9a-f]{7}, an older head/,
    fate: /bob approved [0-9a-f]{7}, an older head/,
  },
  {
    what: "an approval by a bot",
    prepare: (world) => world.github.review(1, world.github.account("ci[bot]", 7, { kind: "bot" })),
    rule: "approvals",
    says: /ci\[bot\] is a bot/,
    fate: /ci\[bot\] is a bot|approvals: 0 of 1/,
  },
  {
    what: "an approval by the requester",
    prepare: (world) => world.github.review(1, world.alice),
    rule: "approvals",
    says: /alice requested it/,
    fate: /approvals: 0 of 1/,
  },
  {
    what: "an approval by an outsider",
    prepare: (world) => world.github.review(1, world.mallory),
    rule: "approvals",
    says: /mallory is nobody in policy\.json/,
    fate: /approvals: 0 of 1/,
  },
  {
    what: "a forged requested_by",
    promote: { by: null, actor: "carol" },
    prepare: approve,
    rule: "approvals",
    says: /requested_by names carol, whose account did not ask, which costs one approval more/,
    fate: /approvals: 1 of 2/,
  },
  {
    what: "a retargeted base",
    prepare: async (world) => {
      world.github.pull(1).retargeted = true;
      await approve(world);
    },
    rule: "origin",
    says: /its base branch was changed/,
    fate: /approvals: 0 of 1/,
  },
  {
    what: "a merge inside a freeze window",
    options: {
      defaults: {
        freeze: [{ kind: "exclude", from: "2026-01-05T10:00:00Z", to: "2026-01-06T00:00:00Z", tz: "UTC" }],
      },
    },
    prepare: approve,
    rule: "freeze",
    says: /a freeze window is on until 2026-01-06T00:00:00Z/,
    fate: /freeze: a freeze window is on/,
  },
];

async function sameDecision(world: ForgeWorld, id: string) {
  const on = (await world.store.head(DECISIONS))!;
  const writes = await hostile(world).filesOf((await world.store.head(`waybill/proposal/${id}`))!, on);
  return { on, writes };
}

describe.each(attacks)("a pull request with $what", ({ options, prepare, promote, rule, says, fate }) => {
  it("is refused for that reason by show, merge and status, and not honoured when it is merged anyway", async () => {
    const world = await makeForgeWorld(options);
    const { proposal } = await world.promote("1.0.0", promote);
    await prepare(world, proposal.id);
    const shown = (await showProposal(world.ground, world.act(), proposal.id)).result;
    const row = shown.verdict?.rules.find((one) => one.rule === rule);
    expect(row?.status).not.toBe("ok");
    expect(row?.message).toMatch(says);
    const refused = await merge(world, proposal.id);
    expect(isRefused(refused) && refused.refused[0].message).toMatch(says);
    await world.sync();
    expect(world.github.pull(1).statuses.at(-1)?.state).not.toBe("success");
    await world.github.mergeInUi(1, world.mallory);
    expect((await world.sync()).unknown).toEqual([]);
    expect([await world.version(), await world.fates()]).toEqual([null, [expect.stringMatching(fate)]]);
    const { comments } = world.github.pull(1);
    expect(comments.map(({ event }) => event)).toEqual(["not_honoured"]);
    expect(comments[0]?.text).toContain("This merge did not change");
    await world.sync();
    expect(world.github.calls.filter((call) => call === "comment")).toHaveLength(1);
  });
});

describe("a pull request that is no proposal", () => {
  it("is a fork's, though its branch is named as ours and has the same commits", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    const { branch } = world.github.pull(1);
    await world.github.openByHand(branch, proposal.head, world.mallory, 4242);
    await world.github.review(2, world.bob);
    const { open } = await world.sync();
    const rows = open.map((one) => [
      one.proposal.number,
      one.verdict.rules.find(({ rule }) => rule === "origin")?.status,
    ]);
    expect(rows).toEqual([
      [1, "ok"],
      [2, "refuse"],
    ]);
    await world.github.mergeInUi(2, world.mallory);
    await world.sync();
    expect([await world.version(), await world.fates()]).toEqual([
      null,
      [expect.stringMatching(/approved a proposal that was not made here/)],
    ]);
  });

  it.each([
    ["a fork", (branch: string) => branch, 4242, 1],
    ["another branch here", () => "waybill/proposal/prop_other", 81, 1],
    ["hundreds of a fork's branches", (branch: string) => branch, 4242, 501],
  ])(
    "does not stand in for ours: %s with the same head, so the forge calls all merged",
    async (_, named, repository, count) => {
      const world = await makeForgeWorld();
      const { proposal } = await world.promote("1.0.0");
      const branch = named(world.github.pull(1).branch);
      if (repository === 81) hostile(world).move(branch, proposal.head);
      await world.github.review(1, world.bob);
      await world.github.mergeInUi(1, world.carol);
      const { merged } = world.github.pull(1);
      for (let n = 0; n < count; n += 1)
        Object.assign(await world.github.openByHand(branch, proposal.head, world.mallory, repository), {
          state: "merged",
          merged,
        });
      await world.sync();
      expect([await world.version(), await world.fates()]).toEqual(["1.0.0", []]);
    },
  );

  it("is a branch with the id of another proposal", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    hostile(world).move("waybill/proposal/prop_other", proposal.head);
    await world.github.openByHand("waybill/proposal/prop_other", proposal.head, world.mallory);
    await world.github.review(2, world.bob);
    const answer = await merge(world, "2");
    expect(isRefused(answer) && answer.refused[0].message).toContain("the branch of prop_other holds");
    await world.github.mergeInUi(2, world.mallory);
    await world.sync();
    expect(await world.version()).toBeNull();
  });

  it.each([
    ["of a fork", "waybill/proposal/prop_fork", 4242, /comes from another repository/],
    ["of a branch with another name", "feature", 81, /its branch is no proposal's/],
  ])("%s is refused, and never judged by what is in it", async (_, branch, repository, says) => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    const head = (await world.store.head(`waybill/proposal/${proposal.id}`))!;
    if (repository === 81) hostile(world).move(branch, head);
    await world.github.openByHand(branch, head, world.mallory, repository);
    await world.github.review(2, world.bob);
    const { open } = await world.sync();
    const foreign = open.find((one) => one.proposal.number === 2);
    expect(foreign?.verdict.colour).toBe("red");
    expect(foreign?.verdict.rules.map(({ rule }) => rule)).toEqual(["origin"]);
    expect(foreign?.verdict.rules[0]?.message).toMatch(says);
    // A status belongs to the commit, and this one is the proposal's.
    expect(world.github.pull(2).statuses).toEqual([]);
    expect(world.github.pull(2).page).toBeNull();
    const answer = await merge(world, "2");
    expect(isRefused(answer) && answer.refused[0].code).toBe("gate.merge.refused");
    await world.github.mergeInUi(2, world.mallory);
    await world.sync();
    expect(await world.version()).toBeNull();
    expect(await world.fates()).toEqual([expect.stringMatching(/approved a proposal that was not made here/)]);
  });

  it("of commits of its own gets a status that refuses it", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    const onto = (await world.store.head(`waybill/proposal/${proposal.id}`))!;
    const head = await hostile(world).put("feature", { "README.md": "hello\n" }, { onto });
    await world.github.openByHand("feature", head, world.mallory, 4242);
    await world.sync();
    expect(world.github.pull(2).statuses).toMatchObject([{ state: "failure" }]);
  });
});

describe("two proposals that are approved each for itself", () => {
  it("cannot both be merged: the second conflicts, and a blind merge of both is not honoured", async () => {
    const world = await makeForgeWorld();
    const first = await world.promote("1.0.0");
    const second = await world.promote("2.0.0");
    for (const number of [1, 2]) await world.github.review(number, world.bob);
    const [one, two] = await Promise.all(
      [first, second].map(async ({ proposal }) => (await world.store.head(`waybill/proposal/${proposal.id}`))!),
    );
    await world.github.mergeInUi(1, world.bob);
    await expect(world.github.mergeInUi(2, world.bob)).rejects.toThrow(/conflict/);
    // Somebody with push rights resolves it with a state that nobody reviewed.
    const [found] = await world.store.read(two!, [STABLE]);
    const text = found && "bytes" in found ? Buffer.from(found.bytes).toString() : "";
    const mixed = text.replace('"rollout_percent": 100', '"rollout_percent": 50');
    const commit = await hostile(world).put(DECISIONS, { [STABLE]: mixed }, { merge: two! });
    Object.assign(world.github.pull(2), {
      state: "merged",
      head: two,
      merged: { at: world.github.now, by: world.bob, commit },
    });
    await world.sync();
    expect(one).not.toBe(two);
    expect([await world.version(), await world.fates()]).toEqual([
      "1.0.0",
      [expect.stringMatching(/changes something else than its proposal does/)],
    ]);
  });
});

describe("a squash", () => {
  it("is not honoured, and its pull request says how to propose again", async () => {
    const world = await makeForgeWorld();
    await world.promote("1.0.0");
    await approve(world);
    await world.github.mergeInUi(1, world.bob, "squash");
    await world.sync();
    expect(await world.fates()).toEqual([expect.stringMatching(/is no merge: a squash/)]);
    expect(world.github.pull(1).comments[0]?.text).toContain("dist release promote notes@1.0.0 --channel stable");
  });
});
