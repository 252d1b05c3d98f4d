import { describe, expect, it } from "vitest";
import { snapshotAge } from "../../../../src/distribution/doctor/snapshot-age.ts";
import { publishSnapshot } from "../../../../src/state/snapshot/publish.ts";
import { SNAPSHOT } from "../../../../src/state/branches.ts";
import { examineBy } from "../../../support/examine.ts";
import { appWrite, readingWorld } from "../../../support/reading-world.ts";

describe("snapshot.age", () => {
  it("brings its own snapshot up to date, and asks for no published one", async () => {
    const world = await readingWorld();
    expect(await examineBy(snapshotAge, world)).toEqual([]);
    await world.write([appWrite("acme-notes")]);
    expect(await examineBy(snapshotAge, world)).toEqual([]);
  });

  it("warns of a published snapshot that is older than the branches, or that says nothing", async () => {
    const world = await readingWorld();
    const act = () => world.acts.begin(world.asker.actor, "test");
    const snapshot = await world.openSnapshot();
    await publishSnapshot(world.ground, snapshot, act());
    snapshot.database.close();
    expect(await examineBy(snapshotAge, world)).toEqual([]);
    await world.write([appWrite("acme-notes")]);
    const old = [{ status: "warn", fix: "waybill snapshot publish" }];
    expect(await examineBy(snapshotAge, world)).toMatchObject(old);
    await world.store.replace(SNAPSHOT, new Map([["snapshot.json", Buffer.from("no JSON")]]), act());
    expect(await examineBy(snapshotAge, world)).toMatchObject(old);
  });
});
