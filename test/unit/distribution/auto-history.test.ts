import { describe, expect, it } from "vitest";
import { orThrow } from "../../../src/kernel/errors.ts";
import { autoHistory, autoHistorySince } from "../../../src/distribution/auto-history.ts";
import { promote } from "../../../src/distribution/promote.ts";
import { tipOf } from "../../../src/state/transact.ts";
import { commitFiles, printed } from "../../support/facts.ts";
import { APP, promoter, worldWith } from "../../support/moves.ts";
import { deskOf } from "../../support/publish-world.ts";
import { collect } from "../../support/store-under-test.ts";

async function moved() {
  const world = await worldWith(["1.0.0", "1.1.0", "1.2.0"]);
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
    world.clock.advance(60_000);
    orThrow(await promote(deskOf(world), promoter(world, { release: `${APP}@${version}`, channel: "internal" })));
    world.clock.advance(60_000);
    await world.release(`9.${version}`);
  }
  return world;
}

describe("autoHistory", () => {
  it("gives the pointers of a channel, newest first, with the time of the commit that brought each", async () => {
    const world = await moved();
    const all = await collect(autoHistory(world.ground, await tipOf(world.store), APP, "internal"));
    expect(all.map(({ pointer }) => pointer.version)).toEqual(["1.2.0", "1.1.0", "1.0.0"]);
    for (const { pointer, movedAt } of all) expect(movedAt).toBe(pointer.requested_at);
    expect(await collect(autoHistory(world.ground, await tipOf(world.store), APP, "nightly"))).toEqual([]);
  });

  it("reads no further back than it is asked to", async () => {
    const world = await moved();
    const tip = await tipOf(world.store);
    const all = await collect(autoHistory(world.ground, tip, APP, "internal"));
    let commits = 0;
    const store = {
      ...world.store,
      read: (...given: Parameters<typeof world.store.read>) => {
        commits += 1;
        return world.store.read(...given);
      },
    };
    const since = await autoHistorySince(
      { ...world.ground, store },
      tip,
      { app: APP, channel: "internal" },
      "2027-01-01T00:00:00Z",
    );
    expect(since.map(({ pointer }) => pointer.version)).toEqual(["1.2.0"]);
    expect(commits).toBe(1);
    const later = await autoHistorySince(world.ground, tip, { app: APP, channel: "internal" }, all[1]?.movedAt ?? "");
    expect(later.map(({ pointer }) => pointer.version)).toEqual(["1.2.0", "1.1.0", "1.0.0"]);
  });

  it("does not believe a pointer that it is older than the commit that brought it", async () => {
    const world = await moved();
    const [now] = await collect(autoHistory(world.ground, await tipOf(world.store), APP, "internal"));
    const back = { ...now!.pointer, proposal_id: "prop_back", requested_at: "2020-01-01T00:00:00Z" };
    const tip = await commitFiles(world.store, { [`dist/apps/${APP}/channels/internal.json`]: printed(back) });
    const [newest] = await collect(autoHistory(world.ground, tip, APP, "internal"));
    expect(newest?.movedAt).toBe((await world.store.commit(tip)).at);
  });
});
