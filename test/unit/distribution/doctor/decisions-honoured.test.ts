import { describe, expect, it } from "vitest";
import { decisionsHonoured } from "../../../../src/distribution/doctor/decisions-honoured.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { appWrite, readingWorld, releaseOf, releaseWrite } from "../../../support/reading-world.ts";

describe("decisions.honoured", () => {
  it("finds nothing wrong with a merge that policy allows, and fails for one that it does not", async () => {
    const world = await readingWorld();
    const [first, second] = [releaseOf("1.0.0"), releaseOf("2.0.0")];
    await world.write([appWrite("acme-notes"), releaseWrite(first), releaseWrite(second)]);
    await world.merge(await world.propose("stable", first));
    expect(await examineBy(decisionsHonoured, world)).toEqual([]);
    await world.mergeAnyway(await world.propose("stable", second), "channels/acme-notes/stable.json");
    const [found, ...more] = await examineBy(decisionsHonoured, world);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ status: "fail", message: containing("did not change") });
  });

  it("warns of a merge whose proof is not recorded yet", async () => {
    const world = await readingWorld("recorded");
    const release = releaseOf("1.0.0");
    await world.write([appWrite("acme-notes"), releaseWrite(release)]);
    await world.mergeAnyway(await world.propose("stable", release), "channels/acme-notes/stable.json");
    expect(await examineBy(decisionsHonoured, world)).toMatchObject([{ status: "warn", fix: "waybill gate sync" }]);
  });
});
