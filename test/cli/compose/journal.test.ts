import { describe, expect, it } from "vitest";
import { Journal } from "../../../cli/compose/journal.ts";
import { reason, refuse } from "../../../src/kernel/errors.ts";
import { createMemoryGitStore } from "../../../src/platform/memory/git-store.ts";
import type { Forge, Proposal } from "../../../src/ports/forge.ts";
import { dispatchingForge } from "../../support/dispatching-forge.ts";
import { ACT, oidOf } from "../../support/github-forge.ts";
import { clockAt, makeWorld } from "../../support/world.ts";

function changeIn(world: ReturnType<typeof makeWorld>) {
  const act = world.acts.begin(world.asker.actor, "test");
  return { act, reads: new Map(), writes: new Map([["a.json", new TextEncoder().encode("{}\n")]]), message: "test" };
}

const deadline = new Date("2030-01-01T00:00:00Z");

describe("what a run wrote", () => {
  it("is nothing until a branch moves", async () => {
    const world = makeWorld();
    const journal = new Journal();
    const store = journal.store(world.store, false);
    expect(journal.text()).toBe("nothing was written");
    await store.apply("waybill/state", changeIn(world), deadline);
    const commit = await store.head("waybill/state");
    expect(journal.text()).toBe(`1 commit (${commit?.slice(0, 7)}) was written`);
  });

  it("counts a merge that the forge makes, and not one that it refuses", async () => {
    const base = dispatchingForge(() => Promise.resolve());
    const journal = new Journal();
    const merged = { commit: oidOf("6c27160".padEnd(40, "0")) };
    const answers: Awaited<ReturnType<Forge["merge"]>>[] = [refuse(reason("gate.merge.refused", "no")), merged];
    const forge = journal.forge({ ...base, merge: async () => answers.shift() ?? merged }, false);
    const proposal: Proposal = {
      id: "prop_9c3t6x1zk8vm",
      number: 1,
      base: merged.commit,
      head: merged.commit,
      state: "open",
      merge: null,
      url: null,
      foreign: false,
    };
    const merge = () => forge.merge(proposal, merged.commit, "Merge", ACT);
    await merge();
    expect(journal.text()).toBe("nothing was written");
    await merge();
    expect(journal.text()).toBe("1 commit (6c27160) was written");
  });

  it("counts files beside commits", async () => {
    const world = makeWorld();
    const journal = new Journal();
    const files = journal.files(world.files);
    await files.write(`${world.folder}/a`, new Uint8Array());
    expect(journal.text()).toBe("1 file was written");
    await journal.store(world.store, false).apply("waybill/state", changeIn(world), deadline);
    expect(journal.text()).toMatch(/^1 commit \([0-9a-f]{7}\) and 1 file were written$/);
  });

  it("stays nothing in a dry run, whose branches do not move", async () => {
    const world = makeWorld({ store: createMemoryGitStore({ clock: clockAt() }) });
    const journal = new Journal();
    await world.store.apply("waybill/state", changeIn(world), deadline);
    const tip = await world.store.head("waybill/state");
    const dry = journal.store(world.store, true);
    const applied = await dry.apply(
      "waybill/state",
      { ...changeIn(world), writes: new Map([["b.json", new Uint8Array()]]) },
      deadline,
    );
    if (tip !== null) await dry.drop("waybill/state", tip);
    expect(applied).toEqual({ commit: tip });
    expect(await world.store.head("waybill/state")).toBe(tip);
    expect(journal.text()).toBe("nothing was written");
  });
});
