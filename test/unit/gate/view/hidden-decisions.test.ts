import { describe, expect, it } from "vitest";
import { ToolError } from "../../../../src/kernel/errors.ts";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { loadDecisions, warningsOf } from "../../../../src/gate/view/view.ts";
import { DECISIONS } from "../../../../src/state/branches.ts";
import { approved, decide, STABLE } from "../../../support/gate-steps.ts";
import { type GateWorld, makeGateWorld } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";
import { planter } from "../../../trust/plant.ts";

type By = ReturnType<typeof hostile>;
type PutBack = (by: By, at: { readonly tree: Oid; readonly old: Oid; readonly newest: Oid }) => Promise<Oid>;

/** A promotion in force, and the tip before it. */
async function promoted() {
  const world = await makeGateWorld();
  const by = hostile(world);
  const old = await by.headOf(DECISIONS);
  await decide(world, "1.0.0");
  const newest = await by.headOf(DECISIONS);
  return { world, by, old, newest, tree: (await world.store.commit(old)).tree };
}

/** What somebody sees who has never been here before. */
async function newcomer(world: GateWorld) {
  const decisions = await loadDecisions({ ...world.ground, cache: memoryFolder() });
  const warned = warningsOf(decisions).map(({ data, message }) => [data["paths"], message]);
  return { isPromoted: decisions.find(STABLE) !== undefined, warned };
}

describe("a push that git takes for a fast-forward, and that puts decisions back", () => {
  it.each<[string, string, PutBack]>([
    ["by a merge with the old tip first", STABLE, (by, { tree, old, newest }) => by.commitWith(tree, [old, newest])],
    [
      "behind another merge",
      STABLE,
      async (by, { tree, old, newest }) => {
        const noise = await by.commitWith(tree, [old]);
        return by.commitWith(tree, [old, await by.commitWith(tree, [noise, newest])]);
      },
    ],
    [
      "behind many commits",
      "policy.json",
      async (by, { tree, old, newest }) => {
        let at = newest;
        for (let i = 0; i < 201; i += 1) at = await by.commitWith(tree, [at]);
        return by.commitWith(tree, [old, at]);
      },
    ],
    [
      "by an octopus",
      STABLE,
      async (by, { tree, old, newest }) => by.commitWith(tree, [old, await by.commitWith(tree, [old]), newest]),
    ],
  ])("is told to those who see it first: %s", async (_, path, putBack) => {
    const { world, by, ...at } = await promoted();
    by.move(DECISIONS, await putBack(by, at));
    const { isPromoted, warned } = await newcomer(world);
    expect(isPromoted).toBe(false);
    const told: unknown = expect.stringContaining("brings in merges that the history before it lacks");
    expect(warned).toEqual([[[path], told]]);
    await expect(loadDecisions(world.ground)).rejects.toMatchObject({ code: "state.ref.rewound" });
  });

  it("is told however much it brings where no decision can lie", async () => {
    const { world, by, tree, old, newest } = await promoted();
    const deep = planter(world.repository).splice(tree, `a${"/d".repeat(15)}/x`, "{}\n");
    by.move(DECISIONS, await by.commitWith(deep, [old, newest]));
    expect((await newcomer(world)).warned).toMatchObject([[[STABLE], expect.any(String)]]);
  });

  it("stops no reader where what it hides is beyond the bounds of reading", async () => {
    const { world, by, tree, old, newest } = await promoted();
    const merge = await by.commitWith(tree, [old, newest]);
    by.move(DECISIONS, merge);
    const { store } = world;
    const beyond = new ToolError("state.limit.exceeded", "A difference is beyond its bound");
    const diff: typeof store.diff = (from, to) => {
      if (from === newest && to === merge) throw beyond;
      return store.diff(from, to);
    };
    const ground = { ...world.ground, store: { ...store, diff }, cache: memoryFolder() };
    expect((await loadDecisions(ground)).dishonoured).toMatchObject([{ commit: merge, paths: [] }]);
  });

  it("is told until the same is decided anew", async () => {
    const { world, by, tree, old, newest } = await promoted();
    by.move(DECISIONS, await by.commitWith(tree, [old, newest]));
    world.cache.files.clear();
    await decide(world, "2.0.0");
    expect(await newcomer(world)).toEqual({ isPromoted: true, warned: [] });
  });
});

describe("a proposal into which the branch was merged", () => {
  it("does not conform, and hides nothing", async () => {
    const world = await makeGateWorld();
    const by = hostile(world);
    const head = await by.headOf(`waybill/proposal/${await approved(world, "2.0.0")}`);
    await decide(world, "1.0.0");
    const tip = await by.headOf(DECISIONS);
    const { tree } = await world.store.commit(tip);
    by.move(DECISIONS, await by.commitWith(tree, [tip, await by.commitWith(tree, [head, tip])]));
    expect(await newcomer(world)).toEqual({ isPromoted: true, warned: [] });
  });
});
