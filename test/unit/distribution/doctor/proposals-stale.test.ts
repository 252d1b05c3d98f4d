import { describe, expect, it } from "vitest";
import { proposalsStale } from "../../../../src/distribution/doctor/proposals-stale.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { appWrite, readingWorld, releaseOf, releaseWrite } from "../../../support/reading-world.ts";

const release = releaseOf("1.0.0");

async function opened() {
  const world = await readingWorld();
  await world.write([appWrite("acme-notes"), releaseWrite(release)]);
  return { world, id: await world.propose("stable", release) };
}

describe("proposals.stale", () => {
  it("leaves alone what waits for a person, and what was merged", async () => {
    const { world, id } = await opened();
    expect(await examineBy(proposalsStale, world)).toEqual([]);
    await world.merge(id);
    expect(await examineBy(proposalsStale, world)).toEqual([]);
  });

  it("warns of a proposal whose release was withdrawn meanwhile", async () => {
    const { world, id } = await opened();
    await world.yank(release, "it loses notes");
    expect(await examineBy(proposalsStale, world)).toMatchObject([
      { status: "warn", message: containing(id), fix: `waybill gate reject ${id}` },
    ]);
  });

  it("warns of a proposal that nobody answered for 30 days", async () => {
    const { world, id } = await opened();
    world.clock.advance(30 * 86_400_000);
    expect(await examineBy(proposalsStale, world)).toEqual([]);
    world.clock.advance(60_000);
    expect(await examineBy(proposalsStale, world)).toMatchObject([
      { status: "warn", message: containing(`${id} is open since`) },
    ]);
  });

  it("warns of the branch of a proposal that was merged by hand", async () => {
    const { world, id } = await opened();
    await world.mergeAnyway(id, "channels/acme-notes/stable.json");
    expect(await examineBy(proposalsStale, world)).toMatchObject([{ status: "warn", fix: "waybill gate sync" }]);
  });
});
