import { describe, expect, it } from "vitest";
import { authenticate } from "../../src/access/authenticate.ts";
import { createToken, revokeToken } from "../../src/distribution/tokens.ts";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { isRefused, orThrow, ToolError } from "../../src/kernel/errors.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../src/platform/memory/git-store.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import type { View } from "../../src/state/view.ts";
import { approved, bytesOf, lookAt, merge, sign, signAnyway } from "../support/gate-steps.ts";
import { keysWith, makeGateWorld } from "../support/gate-world.ts";
import { hostile } from "../support/hostile.ts";
import { alice, decisionsOf, deskOf, publishWorld } from "../support/publish-world.ts";

describe("a policy that nobody could go against", () => {
  it("asks for no approval", async () => {
    const world = await makeGateWorld();
    const { proposal } = await world.changePolicy(() => ({ groups: { all: ["alice"] } }));
    const text = Buffer.from(await bytesOf(world, proposal.id)).toString();
    const none = text.replaceAll(proposal.id, "prop_x").replace('"min_approvals": 1', '"min_approvals": 0');
    expect(none).toContain('"min_approvals": 0');
    const by = hostile(world);
    await by.put("waybill/proposal/prop_x", { "policy.json": none }, { onto: await by.headOf(DECISIONS) });
    await signAnyway(world, "prop_x", "alice", "policy.json");
    await by.mergeAnyway("prop_x");
    const { decisions, conditions } = await lookAt(world);
    expect(conditions).toEqual([expect.stringMatching(/^shape: .*min_approvals/)]);
    expect(decisions.policy.document.governance.min_approvals).toBe(1);
  });
});

describe("an approval", () => {
  it("under another's name, with one's own key", async () => {
    const world = await makeGateWorld(["alice", "bob", "mallory"], 2);
    const { proposal } = await world.promote("1.0.0", { by: "alice" });
    const own = { keys: keysWith(world.keys["mallory"]!), keyFile: null };
    const answer = await approveProposal(world.ground, world.act("bob"), proposal.id, own);
    expect(isRefused(answer) && answer.refused[0].code).toBe("gate.approve.refused");
    await signAnyway(world, proposal.id, "mallory");
    await hostile(world).mergeAnyway(proposal.id);
    expect((await lookAt(world)).conditions).toEqual([expect.stringContaining("approvals: 0 of 1")]);
  });

  it("of people without keys passes for nobody", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    const { proposal } = await world.changePolicy((policy) => ({
      people: { ...policy.people, alice: { keys: [] }, bob: { keys: [] } },
    }));
    await sign(world, proposal.id, "bob");
    orThrow(await merge(world, proposal.id));
    const { proposal: promotion } = await world.promote("1.0.0");
    for (const person of ["alice", "bob"]) await signAnyway(world, promotion.id, person);
    expect(isRefused(await merge(world, promotion.id))).toBe(true);
    await hostile(world).mergeAnyway(promotion.id);
    const { version, conditions } = await lookAt(world);
    expect([version, conditions]).toEqual([null, [expect.stringContaining("approvals: 0 of")]]);
  });
});

describe("a merge that is dated back", () => {
  it("is judged at the latest time that history had, also after another one", async () => {
    const world = await makeGateWorld();
    const frozen = [{ kind: "exclude", from: "2026-02-01T00:00:00Z", to: "2026-02-02T00:00:00Z", tz: "UTC" }] as const;
    const { proposal } = await world.changePolicy(() => ({ defaults: { freeze: frozen } }));
    await sign(world, proposal.id, "alice");
    const by = hostile(world);
    await by.mergeAnyway(proposal.id, {}, "2026-02-01T12:00:00Z");
    const head = await by.headOf(`waybill/proposal/${await approved(world)}`);
    const { tree } = await world.store.commit(head);
    const tip = await by.headOf(DECISIONS);
    const squashed = await by.commitWith((await world.store.commit(tip)).tree, [tip], "2026-01-20T00:00:00Z");
    by.move(DECISIONS, await by.commitWith(tree, [squashed, head], "2026-01-21T00:00:00Z"));
    const { version, conditions } = await lookAt(world);
    expect([version, conditions.at(-1)]).toEqual([null, expect.stringContaining("a freeze window is on")]);
  });
});

describe("a token that was revoked", () => {
  const wish = { name: "ci", scopes: ["releases:publish"], apps: null, channels: null, days: 90 } as const;
  const need = { scope: "releases:publish" } as const;

  it("is refused by whoever has seen it revoked, and its branch with it", async () => {
    const repository = createMemoryRepository();
    const world = await publishWorld({ store: createMemoryGitStore({ repository }) });
    const made = orThrow(await createToken(deskOf(world), world.entropy, wish));
    const ask = async (facts: View) =>
      authenticate(facts, await decisionsOf(world), { token: made.raw, actor: alice }, need, "2026-11-19T11:40:00Z");
    expect(isRefused(await ask(await world.facts()))).toBe(false);
    orThrow(await revokeToken(deskOf(world), made.token.id));
    const answer = await ask(await world.facts());
    expect(isRefused(answer) && answer.refused[0].code).toBe("auth.revoked");
    repository.branches.set(STATE, made.commit!);
    await expect(createToken(deskOf(world), world.entropy, wish)).rejects.toMatchObject({ code: "state.ref.rewound" });
  });

  it("is not taken for none where the branch cannot be asked", async () => {
    const world = await publishWorld();
    const made = orThrow(await createToken(deskOf(world), world.entropy, wish));
    const facts = await world.facts();
    const lost = () => Promise.reject(new ToolError("state.push.network", "The forge does not answer"));
    const deaf: View = { ...facts, names: (path) => facts.names(path), find: lost, findAll: lost };
    const asked = authenticate(
      deaf,
      await decisionsOf(world),
      { token: made.raw, actor: alice },
      need,
      made.token.created_at,
    );
    await expect(asked).rejects.toMatchObject({ code: "state.push.network" });
  });
});
