import { describe, expect, it } from "vitest";
import { evidenceKey } from "../../../../src/gate/documents.ts";
import { showProposal } from "../../../../src/gate/review/show.ts";
import { syncGate } from "../../../../src/gate/sync/sync.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { openState } from "../../../../src/state/transact.ts";
import { decide, lookAt, merge, sign, STABLE } from "../../../support/gate-steps.ts";
import { makeGateWorld } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";

describe("evidence", () => {
  it("is written for each decision, and forged evidence is an alarm that stops nothing", async () => {
    const world = await makeGateWorld();
    const first = await decide(world, "1.0.0");
    const facts = await openState(world.ground);
    const evidence = await facts.find("decision-evidence.v1", evidenceKey(first.decision.proposalId));
    expect(evidence).toMatchObject({ merge: first.commit, grade: "signed", self_approved: true, kind: "channel" });
    const { proposal } = await world.promote("2.0.0");
    await sign(world, proposal.id, "alice");
    const key = evidenceKey(proposal.id);
    const forged = { ...evidence!, proposal_id: proposal.id };
    const bytes = world.ground.schemas.print("decision-evidence.v1", forged);
    await hostile(world).put(STATE, { [`decisions/${key["folder"]}/${proposal.id}.json`]: bytes });
    const merged = orThrow(await merge(world, proposal.id));
    expect(merged.synced?.alarms).toMatchObject([{ code: "gate.evidence.differs" }]);
    expect((await lookAt(world)).version).toBe("2.0.0");
  });

  it("is written by the next sync after a merge that crashed before it", async () => {
    const world = await makeGateWorld();
    const { proposal } = await world.promote("1.0.0");
    await sign(world, proposal.id, "alice");
    await hostile(world).mergeAnyway(proposal.id);
    const synced = await syncGate(world.ground, world.act());
    expect(synced.recorded.map(({ proposalId }) => proposalId)).toEqual([proposal.id]);
    expect(synced.finished).toEqual([proposal.id]);
  });

  it("is filled in where an older decision lacks it and a newer one has it", async () => {
    const world = await makeGateWorld();
    const first = await decide(world, "1.0.0");
    await decide(world, "2.0.0");
    const id = first.decision.proposalId;
    await hostile(world).put(STATE, { [`decisions/${evidenceKey(id)["folder"]}/${id}.json`]: null });
    const synced = await syncGate(world.ground, world.act());
    expect([synced.recorded.map(({ proposalId }) => proposalId), synced.alarms]).toEqual([[id], []]);
    expect((await syncGate(world.ground, world.act())).recorded).toEqual([]);
  });

  it("that is right does not keep what follows from a decision from being recorded", async () => {
    const world = await makeGateWorld();
    const before = (await world.store.head(STATE))!;
    const { decision } = await decide(world, "1.0.0");
    const key = evidenceKey(decision.proposalId);
    const path = `decisions/${key["folder"]}/${decision.proposalId}.json`;
    const [found] = await world.store.read((await world.store.head(STATE))!, [path]);
    hostile(world).move(STATE, before);
    for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
    await hostile(world).put(STATE, { [path]: found && "bytes" in found ? found.bytes : null });
    const synced = await syncGate(world.ground, world.act());
    expect([synced.recorded.map(({ proposalId }) => proposalId), synced.alarms]).toEqual([[decision.proposalId], []]);
  });

  it.each([
    ["takes an approval of somebody else", "alice", "1.0.0"],
    ["takes none of who asked, whatever it says of requesters,", "bob", null],
  ])("%s where policy asks for no more than `recorded`", async (_, actor, version) => {
    const world = await makeGateWorld(["alice", "bob", "carol"], 3);
    const change = await world.changePolicy(({ people }) => ({
      people: { ...people, bob: { keys: [], github: { id: 7, login: "bob" } } },
      defaults: { proof: "recorded" },
    }));
    await sign(world, change.proposal.id, "bob");
    orThrow(await merge(world, change.proposal.id));
    const first = await world.promote("1.0.0", { actor });
    const commit = await hostile(world).mergeAnyway(first.proposal.id);
    const pending = await loadDecisions(world.ground);
    expect(pending.pending).toMatchObject([{ condition: "proof", proposalId: first.proposal.id }]);
    expect((await showProposal(world.ground, world.act(), first.proposal.id)).result.proposal.state).toBe("pending");
    const facts = await openState(world.ground);
    const known = await facts.find("decision-evidence.v1", evidenceKey(change.proposal.id));
    const digest = sha256Hex(world.ground.schemas.print("channel-pointer.v1", first.document));
    const record = async (of: string) => {
      const evidence = {
        ...known!,
        proposal_id: first.proposal.id,
        merge: of,
        path: STABLE,
        decision_sha256: digest,
        requesters: ["alice"],
        grade: "recorded" as const,
        approvals: [
          {
            person: "bob",
            id: "7",
            login: "bob",
            method: "review" as const,
            commit: await hostile(world).headOf(`waybill/proposal/${first.proposal.id}`),
            submitted_at: known!.merged_at,
          },
        ],
      };
      const path = `decisions/${evidenceKey(first.proposal.id)["folder"]}/${first.proposal.id}.json`;
      await hostile(world).put(STATE, { [path]: world.ground.schemas.print("decision-evidence.v1", evidence) });
    };
    await record(pending.root);
    expect((await lookAt(world)).version).toBeNull();
    await record(commit);
    expect((await lookAt(world)).version).toBe(version);
    expect((await loadDecisions(world.ground)).find(STABLE)?.grade ?? null).toBe(version && "recorded");
  });
});
