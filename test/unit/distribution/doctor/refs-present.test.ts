import { describe, expect, it } from "vitest";
import { refsPresent } from "../../../../src/distribution/doctor/refs-present.ts";
import { createMemoryGitStore } from "../../../../src/platform/memory/git-store.ts";
import { DECISIONS } from "../../../../src/state/branches.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { readingWorld } from "../../../support/reading-world.ts";
import { makeWorld } from "../../../support/world.ts";

describe("refs.present", () => {
  it("finds nothing wrong with a repository that was set up", async () => {
    expect(await examineBy(refsPresent, await readingWorld())).toEqual([]);
  });

  it("fails for each branch that was never made", async () => {
    const found = await examineBy(refsPresent, makeWorld());
    expect(found).toMatchObject([
      { status: "fail", message: containing("waybill/state"), fix: "waybill init" },
      { status: "fail", message: containing("waybill/decisions"), fix: "waybill init" },
    ]);
  });

  it("fails for a branch that was seen and is gone", async () => {
    const world = await readingWorld();
    await examineBy(refsPresent, world);
    const gone = createMemoryGitStore({ clock: world.clock, random: () => 0.5 });
    const found = await examineBy(refsPresent, { ...world, ground: { ...world.ground, store: gone } });
    expect(found).toMatchObject([{ status: "fail" }, { status: "fail", message: containing(DECISIONS) }]);
    expect(found[0]?.message).toContain("is gone");
  });
});
