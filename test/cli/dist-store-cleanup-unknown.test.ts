import { describe, expect, it } from "vitest";
import type { World } from "../../cli/world.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { cleanup, isStored, put, worldOf } from "../support/cleanup-world.ts";

describe("dist store cleanup, in doubt", () => {
  it("stops where something cannot be found out", async () => {
    const lost = await worldOf(3);
    const missing = { ...lost.releases[0]!, id: "rel_gone" };
    await lost.world.place(missing, "beta");
    const planes = await worldOf(3);
    await put(planes.world, STATE, ".akc/session.json");
    const garbage = await worldOf(3);
    await put(garbage.world, DECISIONS, "channels/acme/stable.json");
    const proposed = await worldOf(3);
    await put(proposed.world, "waybill/proposal/prop_evil", "channels/acme/stable.json");
    for (const { world } of [lost, planes, garbage, proposed]) {
      const before = await world.store.head(STATE);
      expect(await cleanup(world, "--yes")).toMatchObject({ exit: 4, error: { code: "dist.cleanup.unknown" } });
      expect([await world.store.head(STATE), await isStored(world, "own 1")]).toEqual([before, true]);
    }
  });

  it("stops in a clone whose history is cut short", async () => {
    const { world } = await worldOf(3);
    const store: World["store"] = { ...world.store, isShallow: async () => true };
    const done = await cleanup({ ...world, store, ground: { ...world.ground, store } }, "--yes");
    expect(done).toMatchObject({ exit: 4, error: { code: "dist.cleanup.unknown", hints: ["git fetch --unshallow"] } });
  });
});
