import { describe, expect, it } from "vitest";
import { snapshotAge } from "../../../../src/distribution/doctor/snapshot-age.ts";
import { sqlJsEngine } from "../../../../src/platform/sql-js.ts";
import { publishSnapshot } from "../../../../src/state/snapshot/publish.ts";
import { SNAPSHOT, STATE } from "../../../../src/state/branches.ts";
import { containing, examineBy } from "../../../support/examine.ts";
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
    await publishSnapshot({ ...world.ground, sql: sqlJsEngine() }, snapshot, act());
    snapshot.database.close();
    expect(await examineBy(snapshotAge, world)).toEqual([]);
    await world.write([appWrite("acme-notes")]);
    const old = [{ status: "warn", fix: "waybill snapshot publish" }];
    expect(await examineBy(snapshotAge, world)).toMatchObject(old);
    await world.store.replace(SNAPSHOT, new Map([["snapshot.json", Buffer.from("no JSON")]]), act());
    expect(await examineBy(snapshotAge, world)).toMatchObject(old);
  });

  it("warns of a document that is none, and that no list shows", async () => {
    const world = await readingWorld();
    const path = "dist/apps/planted/app.json";
    const planted = {
      act: world.acts.begin(world.asker.actor, "test"),
      reads: new Map(),
      writes: new Map([[path, Buffer.from("{}")]]),
      message: "planted",
    };
    await world.store.apply(STATE, planted, new Date("2100-01-01T00:00:00Z"));
    expect(await examineBy(snapshotAge, world)).toMatchObject([
      { status: "warn", message: containing(path), fix: "waybill state verify" },
    ]);
  });
});
