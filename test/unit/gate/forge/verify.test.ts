import { describe, expect, it } from "vitest";
import { evidenceKey } from "../../../../src/gate/documents.ts";
import { verifyRepository } from "../../../../src/gate/verify/verify-repository.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import type { DecisionEvidenceV1 } from "../../../../src/schema/types.gen.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { openState } from "../../../../src/state/transact.ts";
import { type ForgeWorld, makeForgeWorld } from "../../../support/forge-world.ts";
import { merge } from "../../../support/gate-steps.ts";
import { makeKey } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";

/** Rules that an offline walk from the root finds broken. */
async function brokenIn(world: ForgeWorld): Promise<readonly string[]> {
  const { forge: _, ...ground } = world.ground;
  const how = { version: "test", rules: [], checks: [], ending: () => [], full: true, progress: () => undefined };
  const { violations, pending } = await verifyRepository(ground, how);
  return [...violations.map(({ rule }) => rule), ...pending.map(() => "pending")].toSorted();
}

async function evidenceIn(world: ForgeWorld, id: string): Promise<DecisionEvidenceV1> {
  return (await (await openState(world.ground)).find("decision-evidence.v1", evidenceKey(id)))!;
}

async function plant(world: ForgeWorld, evidence: DecisionEvidenceV1): Promise<void> {
  const path = `decisions/${evidenceKey(evidence.proposal_id)["folder"]}/${evidence.proposal_id}.json`;
  await hostile(world).put(STATE, { [path]: world.ground.schemas.print("decision-evidence.v1", evidence) });
}

describe("a history with a forge", () => {
  it.each(["recorded", "attested"] as const)("is proven offline from its evidence, grade %s", async (proof) => {
    const key = makeKey();
    const world = await makeForgeWorld({ defaults: { proof }, attestors: { ci: { key: key.publicKey } } });
    await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    const by = { ...world, ground: { ...world.ground, attestor: key } };
    expect(orThrow(await merge(by, "1")).decision.grade).toBe(proof === "recorded" ? "attested" : proof);
    expect(await brokenIn(world)).toEqual([]);
  });

  it("is told apart from a merge in vain, whose evidence says why", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    await world.github.mergeInUi(1, world.mallory);
    expect(await brokenIn(world)).toEqual(["pending"]);
    await world.sync();
    expect(await brokenIn(world)).toEqual(["decision.conforming"]);
    const rules = (await evidenceIn(world, proposal.id)).rules.map((rule) => ({ ...rule, status: "ok" as const }));
    await plant(world, { ...(await evidenceIn(world, proposal.id)), rules });
    expect(await brokenIn(world)).toContain("evidence.false");
  });
});

describe("a merge that waits for an attestor", () => {
  it("is not verified where evidence that nobody signed lies in its way", async () => {
    const key = makeKey();
    const attested = { defaults: { proof: "attested" as const }, attestors: { ci: { key: key.publicKey } } };
    const world = await makeForgeWorld(attested);
    const { proposal } = await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    await world.github.mergeInUi(1, world.bob);
    expect(await brokenIn(world)).toEqual(["pending"]);
    const before = (await world.store.head(STATE))!;
    await world.sync(key);
    const { signature: _, ...unsigned } = await evidenceIn(world, proposal.id);
    expect(unsigned.rules.every(({ status }) => status === "ok")).toBe(true);
    hostile(world).move(STATE, before);
    for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
    await plant(world, unsigned);
    expect(await brokenIn(world)).toEqual(expect.arrayContaining(["evidence.false", "pending"]));
  });
});

describe("forged evidence that denies an approval", () => {
  it("is an alarm in every run, and nothing is said on the pull request because of it", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    await world.github.mergeInUi(1, world.bob);
    const before = (await world.store.head(STATE))!;
    await world.sync();
    const denied = await evidenceIn(world, proposal.id);
    world.github.pull(1).comments.splice(0);
    hostile(world).move(STATE, before);
    for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
    const merged = world.github.pull(1).merged!;
    await world.github.review(1, world.bob);
    const review = world.github.pull(1).reviews.at(-1)!;
    world.github.pull(1).reviews.splice(-1, 1, { ...review, submittedAt: merged.at });
    await plant(world, denied);
    for (const _ of [1, 2]) expect((await world.sync()).alarms).toMatchObject([{ code: "gate.evidence.differs" }]);
    expect(world.github.pull(1).comments).toEqual([]);
  });
});
