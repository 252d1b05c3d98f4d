import { expect, it } from "vitest";
import { proveMerged } from "../../../../src/gate/sync/prove-merged.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { makeForgeWorld } from "../../../support/forge-world.ts";

async function mergedInUi() {
  const world = await makeForgeWorld();
  await world.promote("1.0.0");
  await world.github.review(1, world.bob);
  await world.github.mergeInUi(1, world.carol);
  return world;
}

it("brings into force what people merged on the forge, before a command acts on it", async () => {
  const world = await mergedInUi();
  const before = await loadDecisions(world.ground);
  expect(before.pending).toHaveLength(1);
  const after = await proveMerged(world.ground, world.act("ci"), before);
  expect([after.pending.length, await world.version()]).toEqual([0, "1.0.0"]);
  const tip = await world.store.head(STATE);
  await proveMerged(world.ground, world.act("ci"), after);
  expect(await world.store.head(STATE)).toBe(tip);
});

it("leaves them pending where the forge cannot be asked, or is not there", async () => {
  const world = await mergedInUi();
  const before = await loadDecisions(world.ground);
  const { forge, ...bare } = world.ground;
  expect((await proveMerged(bare, world.act("ci"), before)).pending).toHaveLength(1);
  const silent = {
    ...forge,
    answers: () => Promise.reject(new ToolError("forge.unavailable", "GitHub answered 502")),
  };
  expect((await proveMerged({ ...bare, forge: silent }, world.act("ci"), before)).pending).toHaveLength(1);
});
