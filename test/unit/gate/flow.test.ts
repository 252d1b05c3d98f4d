import { describe, expect, it } from "vitest";
import { isRefused, orThrow } from "../../../src/kernel/errors.ts";
import { approve } from "../../../src/gate/approve.ts";
import { mergeProposal } from "../../../src/gate/merge.ts";
import { syncGate } from "../../../src/gate/sync.ts";
import { loadDecisions } from "../../../src/gate/view.ts";
import { type GateWorld, keysWith, makeGateWorld } from "../../support/gate-world.ts";

const STABLE = "channels/notes/stable.json";

async function sign(world: GateWorld, id: string, by: string) {
  return approve(world.ground, world.act(by), id, { keys: keysWith(world.keys[by]!), keyFile: null });
}

async function merge(world: GateWorld, id: string, by = "alice") {
  return mergeProposal(world.ground, world.act(by), id);
}

async function versionInForce(world: GateWorld): Promise<string | undefined> {
  const document = (await loadDecisions(world.ground)).find(STABLE)?.document;
  return document !== undefined && "version" in document ? document.version : undefined;
}

describe("the gate of one person", () => {
  it("takes a promotion from proposal to force, self-approved", async () => {
    const world = await makeGateWorld();
    const proposed = await world.promote("1.0.0");
    expect(proposed.created).toBe(true);
    expect(proposed.verdict.colour).toBe("red");
    expect(await versionInForce(world)).toBeUndefined();
    const waiting = await merge(world, proposed.proposal.id);
    expect(isRefused(waiting) && waiting.refused[0].code).toBe("gate.merge.waiting");
    const approved = orThrow(await sign(world, proposed.proposal.id, "alice"));
    expect(approved).toMatchObject({ person: "alice", created: true, verdict: { colour: "green" } });
    const merged = orThrow(await merge(world, proposed.proposal.id));
    expect(merged.decision).toMatchObject({ grade: "signed", selfApproved: true, approvers: ["alice"] });
    expect(await versionInForce(world)).toBe("1.0.0");
    expect(merged.synced?.recorded).toHaveLength(1);
    expect(merged.synced?.finished).toEqual([proposed.proposal.id]);
    const again = orThrow(await merge(world, proposed.proposal.id));
    expect(again).toMatchObject({ created: false, synced: { recorded: [], finished: [], alarms: [], warnings: [] } });
    expect((await syncGate(world.ground, world.act())).recorded).toEqual([]);
  });
});
