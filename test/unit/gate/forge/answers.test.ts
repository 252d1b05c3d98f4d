import { describe, expect, it } from "vitest";
import { approveProposal } from "../../../../src/gate/review/approve.ts";
import { listProposals } from "../../../../src/gate/review/list.ts";
import { mergeProposal } from "../../../../src/gate/review/merge.ts";
import { showProposal } from "../../../../src/gate/review/show.ts";
import { isRefused, orThrow } from "../../../../src/kernel/errors.ts";
import type { Found } from "../../../../src/ports/git-store.ts";
import { DECISIONS } from "../../../../src/state/branches.ts";
import { makeForgeWorld } from "../../../support/forge-world.ts";
import { merge } from "../../../support/gate-steps.ts";
import { keysWith, makeGateWorld } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";

const codeOf = (answer: unknown) => (isRefused(answer) ? answer.refused[0].code : undefined);

const exclude = (from: string, to: string) => ({
  defaults: { freeze: [{ kind: "exclude" as const, from, to, tz: "UTC" }] },
});

describe("time", () => {
  it.each([-1440, 1440])("is the forge's: a runner's clock off by %i minutes changes no verdict", async (minutes) => {
    const world = await makeForgeWorld(exclude("2026-01-05T10:00:00Z", "2026-01-05T12:00:00Z"));
    const { proposal } = await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    world.pass(minutes);
    world.github.pass(-minutes);
    expect(codeOf(await merge(world, proposal.id))).toBe("gate.merge.waiting");
    world.github.pass(60);
    expect((await showProposal(world.ground, world.act(), "1")).result.verdict?.colour).toBe("green");
  });

  it.each([
    [-1, null],
    [0, "1.0.0"],
  ])("decides by the second: a merge %i s from the end of a freeze window", async (seconds, version) => {
    const world = await makeForgeWorld(exclude("2026-01-05T10:00:00Z", "2026-01-05T12:00:00Z"));
    await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    world.pass(60 + seconds / 60);
    await world.github.mergeInUi(1, world.bob);
    await world.sync();
    expect(await world.version()).toBe(version);
  });

  it("is the latest that anybody claims: a back-dated merge commit is judged at the time that the forge merged it", async () => {
    const world = await makeForgeWorld(exclude("2026-01-05T12:00:00Z", "2026-01-05T13:00:00Z"));
    await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    await world.github.mergeInUi(1, world.bob);
    const pull = world.github.pull(1);
    pull.merged = { ...pull.merged!, at: "2026-01-05T12:30:00Z" };
    await world.sync();
    expect([await world.version(), await world.fates()]).toEqual([
      null,
      [expect.stringMatching(/^dishonoured freeze: a freeze window is on/)],
    ]);
  });
});

describe("what the forge does not say", () => {
  it("is unknown for that proposal, exit 4, and the others are judged all the same", async () => {
    const world = await makeForgeWorld();
    await world.promote("1.0.0");
    await world.promote("1.0.0", { channel: "lts" });
    await world.github.review(1, { ...world.bob, id: world.github.account("bob", 102, { mayWrite: null }).id });
    world.github.account("bob", 102);
    await world.github.review(2, world.bob);
    const { proposals } = (await listProposals(world.ground, world.act())).result;
    const colours = new Map(proposals.map(({ proposal, verdict }) => [proposal.number, verdict.colour]));
    expect([colours.get(1), colours.get(2)]).toEqual(["unknown", "green"]);
    expect(codeOf(await merge(world, "1"))).toBe("gate.verdict.unknown");
    expect((await world.sync()).unknown).toMatchObject([{ code: "gate.verdict.unknown" }]);
    expect(world.github.pull(1).statuses.at(-1)?.state).toBe("error");
    await world.github.mergeInUi(1, world.bob);
    const { unknown } = await world.sync();
    expect(unknown).toMatchObject([{ code: "gate.verdict.unknown" }]);
    expect(await world.fates()).toEqual(["pending proof"]);
  });

  it.each(["answers", "list", "comment", "close"] as const)(
    "when %s fails leaves everything as it is, and the next run goes on",
    async (call) => {
      const world = await makeForgeWorld();
      const { proposal } = await world.promote("1.0.0");
      await world.github.review(1, world.bob);
      const lost = await world.promote("2.0.0");
      await world.github.mergeInUi(1, world.bob);
      world.github.faults.failing.add(call);
      const { unknown } = await world.sync();
      expect(unknown.length).toBeGreaterThan(0);
      world.github.faults.failing.clear();
      await world.sync();
      expect([await world.version(), world.github.pull(2).state]).toEqual(["1.0.0", "closed"]);
      expect(world.github.pull(2).comments).toHaveLength(1);
      expect(await world.store.head(`waybill/proposal/${lost.proposal.id}`)).toBeNull();
      expect(await world.store.head(`waybill/proposal/${proposal.id}`)).toBeNull();
    },
  );

  it("in git at once is looked for again", async () => {
    const world = await makeForgeWorld();
    await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    const before = (await world.store.head(DECISIONS))!;
    let isLate = true;
    const store = {
      ...world.ground.store,
      // Git shows the old tip until somebody waits.
      head: async (branch: string) => {
        const isHidden = isLate && branch === DECISIONS && world.github.pull(1).state === "merged";
        return isHidden ? before : world.store.head(branch);
      },
    };
    const clock = { ...world.ground.clock, sleep: async () => void (isLate = false) };
    const merged = orThrow(await mergeProposal({ ...world.ground, store, clock }, world.act(), "1"));
    expect([merged.decision.grade, isLate]).toEqual(["recorded", false]);
  });

  it("of a merge whose answer was lost is read back", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    world.github.faults.loseAnswerOf = "merge";
    expect(orThrow(await merge(world, proposal.id)).decision.proposalId).toBe(proposal.id);
    expect(world.github.calls.filter((call) => call === "merge")).toHaveLength(1);
  });
});

describe("the own merge of who requested", () => {
  const alone = { defaults: { requester_may_approve: true } };

  it("is the approval where the rule lets the requester approve, by the tool and in the UI", async () => {
    const world = await makeForgeWorld(alone);
    const { proposal } = await world.promote("1.0.0");
    const shown = (await showProposal(world.ground, world.act(), proposal.id)).result;
    expect(shown.verdict?.rules.find(({ rule }) => rule === "approvals")?.message).toContain("alice (by merging it)");
    const merged = orThrow(await merge(world, proposal.id));
    expect(merged.decision).toMatchObject({ grade: "recorded", selfApproved: true, approvers: ["alice"] });
    await world.promote("2.0.0");
    await world.github.mergeInUi(2, world.alice);
    await world.sync();
    expect(await world.version()).toBe("2.0.0");
  });

  it("is none for a bot's token, and none where the rule does not let them", async () => {
    const world = await makeForgeWorld(alone);
    const { proposal } = await world.promote("1.0.0");
    world.github.token = world.github.account("github-actions[bot]", 41, { kind: "bot" });
    expect(codeOf(await merge(world, proposal.id))).toBe("gate.merge.waiting");
    const strict = await makeForgeWorld();
    await strict.promote("1.0.0");
    expect(codeOf(await merge(strict, "1"))).toBe("gate.merge.waiting");
  });
});

describe("a run that a proposal names", () => {
  it("vouches for its starter once in all decisions", async () => {
    const world = await makeForgeWorld();
    world.github.token = world.github.account("github-actions[bot]", 41, { kind: "bot" });
    const path = ".github/workflows/promote.yml";
    const run = { id: 5521, attempt: 1, starter: world.alice, event: "workflow_dispatch", path, isDefaultBranch: true };
    world.github.runs.set(5521, run);
    const ask = {
      by: null,
      requestedBy: { kind: "workflow", name: "promote.yml", id: "github:81:run:5521", verified: false },
      requestedRun: { run_id: 5521, attempt: 1 },
    } as const;
    await world.promote("1.0.0", ask);
    await world.github.review(1, world.alice);
    expect(codeOf(await merge(world, "1"))).toBe("gate.merge.waiting");
    await world.github.review(1, world.bob);
    orThrow(await merge(world, "1"));
    await world.promote("1.0.0", { ...ask, channel: "lts" });
    await world.github.review(2, world.bob);
    const again = await merge(world, "2");
    expect(isRefused(again) && again.refused[0].message).toContain("run 5521 asked for another decision already");
  });
});

describe("an approval of a digest that was seen", () => {
  it("is refused when the branch holds another decision now", async () => {
    const world = await makeForgeWorld({ defaults: { proof: "signed" } });
    const { proposal } = await world.promote("1.0.0");
    const seen = (await showProposal(world.ground, world.act(), "1")).result.decision_sha256!;
    const keys = { keys: keysWith(world.keys["bob"]!), keyFile: null };
    const other = await world.promote("2.0.0");
    const [path, sig] = ["channels/notes/stable.json", "channels/notes/stable.json.sig"];
    const [swapped, swappedSig] = await world.store.read(other.proposal.head, [path, sig]);
    const bytes = (found: Found | null | undefined) => (found && "bytes" in found ? found.bytes : new Uint8Array());
    const branch = `waybill/proposal/${proposal.id}`;
    hostile(world).move(branch, other.proposal.base);
    await hostile(world).put(branch, { [path]: bytes(swapped), [sig]: bytes(swappedSig) });
    const refused = await approveProposal(world.ground, world.act("bob"), "1", { ...keys, decision: seen });
    expect(isRefused(refused) && refused.refused[0].code).toBe("gate.approve.refused");
    const on2 = await approveProposal(world.ground, world.act("bob"), "2", { ...keys, decision: seen });
    expect(isRefused(on2) && on2.refused[0].message).toContain("its decision has the digest");
    const now = (await showProposal(world.ground, world.act(), "2")).result.decision_sha256!;
    expect(
      orThrow(await approveProposal(world.ground, world.act("bob"), "2", { ...keys, decision: now })).created,
    ).toBe(true);
    expect(world.github.pull(2).statuses.at(-1)?.state).toBe("success");
  });
});

describe("the same request by a person", () => {
  it("is another proposal where automation's is refused because nobody vouches for it", async () => {
    const world = await makeGateWorld();
    const requestedBy = { kind: "workflow", name: "promote.yml", id: "github:1:run:2", verified: false } as const;
    const first = await world.promote("1.0.0", { by: null, requestedBy });
    expect(first.verdict.rules.some(({ status }) => status === "refuse")).toBe(true);
    const again = await world.promote("1.0.0", { by: null, requestedBy });
    expect([again.created, again.proposal.id]).toEqual([false, first.proposal.id]);
    const person = await world.promote("1.0.0");
    expect([person.created, person.proposal.id === first.proposal.id]).toEqual([true, false]);
  });
});
