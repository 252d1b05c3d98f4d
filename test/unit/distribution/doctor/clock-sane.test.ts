import { describe, expect, it } from "vitest";
import { clockSane } from "../../../../src/distribution/doctor/clock-sane.ts";
import { examineBy } from "../../../support/examine.ts";
import { readingWorld } from "../../../support/reading-world.ts";

describe("clock.sane", () => {
  it("takes 5 minutes for nothing, and warns of each branch that is further ahead", async () => {
    const world = await readingWorld();
    expect(await examineBy(clockSane, world)).toEqual([]);
    world.clock.advance(-5 * 60_000);
    expect(await examineBy(clockSane, world)).toEqual([]);
    world.clock.advance(-1000);
    const found = await examineBy(clockSane, world);
    expect(found.map(({ status }) => status)).toEqual(["warn", "warn"]);
  });
});
