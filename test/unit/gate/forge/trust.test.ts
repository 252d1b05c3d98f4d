import { describe, expect, it } from "vitest";
import { attest } from "../../../../src/gate/sync/evidence.ts";
import { evidenceKey } from "../../../../src/gate/documents.ts";
import { rejectProposal } from "../../../../src/gate/review/reject.ts";
import { showProposal } from "../../../../src/gate/review/show.ts";
import { syncGate } from "../../../../src/gate/sync/sync.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { isRefused, orThrow, ToolError } from "../../../../src/kernel/errors.ts";
import type { DecisionEvidenceV1 } from "../../../../src/schema/types.gen.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { openState } from "../../../../src/state/transact.ts";
import { type ForgeWorld, makeForgeWorld } from "../../../support/forge-world.ts";
import { merge, sign } from "../../../support/gate-steps.ts";
import { makeKey } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";

async function evidenceIn(world: ForgeWorld, id: string): Promise<DecisionEvidenceV1> {
  return (await (await openState(world.ground)).find("decision-evidence.v1", evidenceKey(id)))!;
}

async function plant(world: ForgeWorld, evidence: DecisionEvidenceV1): Promise<void> {
  const path = `decisions/${evidenceKey(evidence.proposal_id)["folder"]}/${evidence.proposal_id}.json`;
  await hostile(world).put(STATE, { [path]: world.ground.schemas.print("decision-evidence.v1", evidence) });
}

/** Evidence of a merge as sync would write it had bob approved; made in a twin world, which has the same commits. */
async function forgedFor(world: ForgeWorld, id: string): Promise<DecisionEvidenceV1> {
  const pull = world.github.pull(1);
  await world.github.review(1, world.bob);
  const review = pull.reviews.at(-1)!;
  pull.reviews.splice(-1, 1, { ...review, submittedAt: pull.merged!.at });
  const before = (await world.store.head(STATE))!;
  await world.sync();
  const evidence = await evidenceIn(world, id);
  pull.reviews.splice(-1, 1);
  hostile(world).move(STATE, before);
  for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
  return evidence;
}

async function mergedUnapproved(world: ForgeWorld): Promise<string> {
  const { proposal } = await world.promote("1.0.0");
  await world.github.mergeInUi(1, world.mallory);
  return proposal.id;
}

const actionsOf = async (world: ForgeWorld) => {
  const found: string[] = [];
  for await (const commit of world.store.log(null, (await world.store.head(STATE))!)) found.push(commit.subject);
  return found;
};

describe("forged evidence that is there before gate sync", () => {
  it("is an alarm in every run, nothing follows from it, and it is never overwritten", async () => {
    const world = await makeForgeWorld();
    const id = await mergedUnapproved(world);
    const forged = await forgedFor(world, id);
    await plant(world, forged);
    for (const _ of [1, 2]) {
      const { alarms, recorded } = await world.sync();
      expect(alarms).toMatchObject([{ code: "gate.evidence.differs", data: { proposal_id: id } }]);
      expect(recorded).toEqual([]);
    }
    expect(await evidenceIn(world, id)).toEqual(forged);
    expect(await actionsOf(world)).not.toContain(`decision.recorded ${id}`);
  });

  it("counts only for its merge, its bytes, its path and its repository", async () => {
    const world = await makeForgeWorld();
    const id = await mergedUnapproved(world);
    const forged = await forgedFor(world, id);
    const first = (await world.store.head(STATE))!;
    const other = "b".repeat(40);
    for (const change of [
      { merge: other },
      { decision_sha256: "b".repeat(64) },
      { path: "channels/notes/lts.json" },
      { repo_id: "other" },
      { forge_repository_id: 4242 },
    ]) {
      await plant(world, { ...forged, ...change });
      expect([await world.version(), await world.fates()]).toEqual([null, ["pending proof"]]);
      hostile(world).move(STATE, first);
      for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
    }
    for (const approvals of [
      [{ ...forged.approvals[0]!, id: "777" }],
      [{ ...forged.approvals[0]!, commit: other }],
      [{ ...forged.approvals[0]!, submitted_at: "2026-12-31T00:00:00Z" }],
      [{ ...forged.approvals[0]!, person: "mallory" }],
      [{ ...forged.approvals[0]!, method: "signature" as const }],
    ]) {
      await plant(world, { ...forged, approvals });
      expect(await world.version()).toBeNull();
      hostile(world).move(STATE, first);
      for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
    }
    await plant(world, forged);
    expect(await world.version()).toBe("1.0.0");
  });
});

it("counts a merge as approval only of who merged it", async () => {
  const world = await makeForgeWorld({ defaults: { requester_may_approve: true } });
  const { proposal } = await world.promote("1.0.0");
  await world.github.mergeInUi(1, world.alice);
  const before = (await world.store.head(STATE))!;
  await world.sync();
  const evidence = await evidenceIn(world, proposal.id);
  expect(evidence.approvals).toMatchObject([{ person: "alice", method: "merge" }]);
  const merged_by = { kind: "human", name: "mallory", id: "666", verified: true } as const;
  for (const change of [{ merged_by }, { requesters: [], requester_verified: true }, {}]) {
    hostile(world).move(STATE, before);
    for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
    await plant(world, { ...evidence, ...change });
    expect(await world.version()).toBe("merged_by" in change ? null : "1.0.0");
  }
});

describe("the whole chain of a writer who approves as a bot, posts the status, merges and writes evidence first", () => {
  const chain = async (world: ForgeWorld) => {
    const { proposal } = await world.promote("1.0.0");
    await world.github.review(1, world.github.account("github-actions[bot]", 41, { kind: "bot" }));
    world.github.pull(1).statuses.push({ state: "success", description: "Ready", on: proposal.head, by: "mallory" });
    await world.github.mergeInUi(1, world.mallory);
    return proposal.id;
  };

  it("does not move a channel that asks for `attested`, and every reader says pending", async () => {
    const attestor = makeKey();
    const options = { defaults: { proof: "attested" as const }, attestors: { ci: { key: attestor.publicKey } } };
    const forged = await forgedFor2(options, attestor);
    const world = await makeForgeWorld(options);
    const id = await chain(world);
    const merge1 = world.github.pull(1).merged!.commit;
    await plant(world, { ...forged, proposal_id: id, merge: merge1, head: world.github.pull(1).head });
    expect([await world.version(), await world.fates()]).toEqual([null, ["pending proof"]]);
    const { alarms, warnings } = await world.sync(attestor);
    expect(alarms).toMatchObject([{ code: "gate.evidence.differs" }]);
    expect(warnings).toMatchObject([{ code: "gate.decision.pending" }]);
    expect(await world.version()).toBeNull();
  });

  it("does not move a channel that asks for signatures", async () => {
    const world = await makeForgeWorld({ defaults: { proof: "signed" } });
    await chain(world);
    await world.sync();
    expect([await world.version(), await world.fates()]).toEqual([
      null,
      [expect.stringMatching(/^dishonoured approvals: 0 of 1/)],
    ]);
  });

  it("says of `recorded` what it is worth", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    const { verdict } = (await showProposal(world.ground, world.act(), proposal.id)).result;
    expect(verdict?.rules.find(({ rule }) => rule === "proof")?.message).toBe(
      "recorded, as policy asks; worth no more than the word of everybody who may write here",
    );
  });
});

/** Evidence of an approved merge, signed by the attestor: to be copied elsewhere. */
async function forgedFor2(options: Parameters<typeof makeForgeWorld>[0], attestor: ReturnType<typeof makeKey>) {
  const world = await makeForgeWorld(options);
  const { proposal } = await world.promote("1.0.0");
  await world.github.review(1, world.bob);
  await world.github.mergeInUi(1, world.bob);
  await world.sync(attestor);
  expect(await world.version()).toBe("1.0.0");
  return evidenceIn(world, proposal.id);
}

describe("a channel that asks for `attested`", () => {
  const attestor = makeKey();
  const options = { defaults: { proof: "attested" as const }, attestors: { ci: { key: attestor.publicKey } } };
  const approvedMerge = async () => {
    const world = await makeForgeWorld(options);
    const { proposal } = await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    await world.github.mergeInUi(1, world.bob);
    return { world, id: proposal.id };
  };

  it("moves when an attestor that policy names signs what the forge says, and not before", async () => {
    const { world, id } = await approvedMerge();
    for (const key of [undefined, makeKey()]) {
      const { unknown, recorded } = await world.sync(key);
      expect(unknown).toMatchObject([{ code: "gate.verdict.unknown" }]);
      expect([recorded, await world.version(), await world.fates()]).toEqual([[], null, ["pending proof"]]);
    }
    await world.sync(attestor);
    expect([await world.version(), await world.fates()]).toEqual(["1.0.0", []]);
    expect(await evidenceIn(world, id)).toMatchObject({ grade: "attested", approvals: [{ person: "bob" }] });
    expect(await world.sync(attestor)).toMatchObject({ recorded: [], alarms: [], unknown: [] });
  });

  it("does not believe evidence that was changed after it was signed", async () => {
    const { world, id } = await approvedMerge();
    const before = (await world.store.head(STATE))!;
    await world.sync(attestor);
    const evidence = await evidenceIn(world, id);
    const { signature: _, ...plain } = evidence;
    const byAnother = await attest(plain, makeKey());
    for (const change of [
      { merged_at: "2026-01-01T00:00:00Z" },
      { requesters: [] },
      { signature: "x" },
      { signature: byAnother.signature! },
    ]) {
      hostile(world).move(STATE, before);
      for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
      await plant(world, { ...evidence, ...change });
      expect([await world.version(), await world.fates()]).toEqual([null, ["pending proof"]]);
    }
  });
});

describe("a status", () => {
  it("is believed by nobody: not another's, not one of a thousand, not a green one before policy changed", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    const { statuses } = world.github.pull(1);
    for (let n = 0; n < 1000; n += 1)
      statuses.push({ state: "success", description: `Ready ${n}`, on: proposal.head, by: "mallory" });
    const waiting = await merge(world, proposal.id);
    expect(isRefused(waiting) && waiting.refused[0].code).toBe("gate.merge.waiting");
    await world.github.review(1, world.bob);
    await world.sync();
    expect(statuses.at(-1)).toMatchObject({ state: "success", by: "alice" });
    const change = await world.changePolicy(() => ({ defaults: { proof: "recorded", min_approvals: 2 } }));
    orThrow(await sign(world, change.proposal.id, "carol"));
    orThrow(await merge(world, change.proposal.id));
    const refused = await merge(world, proposal.id);
    expect(isRefused(refused) && refused.refused[0].message).toContain("1 of 2: bob");
    expect(statuses.at(-1)?.state).toBe("pending");
  });
});

describe("evidence that could not be asked for", () => {
  it("is an error and never reads as evidence that is not there", async () => {
    const world = await makeForgeWorld();
    await mergedUnapproved(world);
    const read: ForgeWorld["store"]["read"] = (at, paths) =>
      paths.some((path) => path.startsWith("decisions/"))
        ? Promise.reject(new ToolError("state.push.network", "nobody answers"))
        : world.store.read(at, paths);
    const cut = { ...world.ground, store: { ...world.store, read } };
    const failed = { code: "state.push.network" };
    await expect(loadDecisions(cut)).rejects.toMatchObject(failed);
    await expect(syncGate(cut, world.act())).rejects.toMatchObject(failed);
    expect(await world.fates()).toEqual([expect.stringMatching(/^pending /)]);
  });
});

describe("a fork or a name that was registered again", () => {
  it("is refused by its number, and a renamed repository is not", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    world.github.repositoryId = 4242;
    const refused = { code: "scope.foreign" };
    await expect(world.promote("2.0.0")).rejects.toMatchObject(refused);
    await expect(world.sync()).rejects.toMatchObject(refused);
    await expect(rejectProposal(world.ground, world.act(), proposal.id, "x")).rejects.toMatchObject(refused);
    await expect(merge(world, proposal.id)).rejects.toMatchObject(refused);
    await expect(sign(world, proposal.id, "bob")).rejects.toMatchObject(refused);
    expect(world.github.pull(1).state).toBe("open");
  });
});
