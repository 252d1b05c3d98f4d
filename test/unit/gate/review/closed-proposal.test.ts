import { describe, expect, it } from "vitest";
import { orThrow } from "../../../../src/kernel/errors.ts";
import { rejectProposal } from "../../../../src/gate/review/reject.ts";
import { showProposal } from "../../../../src/gate/review/show.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { makeForgeWorld } from "../../../support/forge-world.ts";
import { merge, sign } from "../../../support/gate-steps.ts";
import { type GateWorld, makeGateWorld } from "../../../support/gate-world.ts";

const PEOPLE = ["alice", "bob", "carol"] as const;

/** A proposal that can be merged, though carol has not signed it. */
async function approved(world: GateWorld, version: string): Promise<string> {
  const { proposal } = await world.promote(version);
  orThrow(await sign(world, proposal.id, "bob"));
  return proposal.id;
}

/** What somebody else does to it. */
const ends: Readonly<Record<string, (world: GateWorld, id: string) => Promise<unknown>>> = {
  merges: (world, id) => merge(world, id).then(orThrow),
  supersedes: async (world) => orThrow(await merge(world, await approved(world, "2.0.0"))),
  rejects: (world, id) => rejectProposal(world.ground, world.act(), id, "no"),
};

/** What is asked for meanwhile. */
const commands: Readonly<Record<string, (world: GateWorld, id: string) => Promise<unknown>>> = {
  approve: (world, id) => sign(world, id, "carol"),
  merge: (world, id) => merge(world, id),
  reject: (world, id) => rejectProposal(world.ground, world.act("carol"), id, "late"),
  show: (world, id) => showProposal(world.ground, world.act("carol"), id),
};

/** A world whose store lets something happen once, right before the first call of a kind. */
function interrupted(world: GateWorld, method: "apply" | "branches", happens: () => Promise<unknown>): GateWorld {
  let isDone = false;
  const once = async (): Promise<void> => {
    if (isDone) return;
    isDone = true;
    await happens();
  };
  const { store } = world;
  const late: Pick<GitStore, "apply" | "branches"> = {
    apply: async (...change) => (await once(), store.apply(...change)),
    branches: async (prefix) => (await once(), store.branches(prefix)),
  };
  return { ...world, ground: { ...world.ground, store: { ...store, [method]: late[method] } } };
}

describe("a proposal that ends while somebody asks for it", () => {
  for (const [how, end] of Object.entries(ends)) {
    it.each(Object.keys(commands))(
      `is closed for gate %s, where another ${how} it before its branch is looked for`,
      async (name) => {
        const world = await makeGateWorld(PEOPLE, 3);
        const id = await approved(world, "1.0.0");
        const late = interrupted(world, "branches", () => end(world, id));
        await expect(commands[name]!(late, id)).rejects.toMatchObject({ code: "gate.proposal.closed" });
      },
    );

    it(`is closed for gate approve, where another ${how} it before the signature is on its branch`, async () => {
      const world = await makeGateWorld(PEOPLE, 3);
      const id = await approved(world, "1.0.0");
      const late = interrupted(world, "apply", () => end(world, id));
      await expect(sign(late, id, "carol")).rejects.toMatchObject({ code: "gate.proposal.closed" });
    });
  }

  it("is closed by number on a forge too, where its pull request was read while it was open", async () => {
    const world = await makeForgeWorld();
    const { proposal } = await world.promote("1.0.0");
    const late = interrupted(world, "branches", () => rejectProposal(world.ground, world.act(), proposal.id, "no"));
    await expect(sign(late, "1", "carol")).rejects.toThrow(/was rejected: no/);
  });

  it("is not there where no branch, no decision and no fact speaks of it", async () => {
    const world = await makeGateWorld();
    await expect(sign(world, "prop_unknown", "alice")).rejects.toMatchObject({ code: "gate.proposal.not_found" });
  });
});
