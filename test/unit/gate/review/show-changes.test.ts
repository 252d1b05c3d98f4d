import { expect, it } from "vitest";
import { showProposal } from "../../../../src/gate/review/show.ts";
import { merge, sign } from "../../../support/gate-steps.ts";
import { makeGateWorld } from "../../../support/gate-world.ts";

it("shows what a proposal changes before anybody signs it, and no more once it is merged", async () => {
  const world = await makeGateWorld();
  const show = async (id: string) => (await showProposal(world.ground, world.act(), id)).result.changes;
  const { proposal } = await world.changePolicy(() => ({ defaults: { mode: "auto" } }));
  expect(await show(proposal.id)).toContainEqual({ name: "defaults.mode", now: "gated", after: "auto" });
  await sign(world, proposal.id, "alice");
  await merge(world, proposal.id);
  expect(await show(proposal.id)).toEqual([]);
});
