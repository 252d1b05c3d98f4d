import { describe, expect, it } from "vitest";
import { channelsTarget } from "../../../../src/distribution/doctor/channels-target.ts";
import { tombstoneKey } from "../../../../src/distribution/documents.ts";
import type { ReleaseV1 } from "../../../../src/schema/types.gen.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { appWrite, readingWorld, type ReadingWorld, releaseOf, releaseWrite } from "../../../support/reading-world.ts";

const release = releaseOf("1.4.0");

async function placed(on: "internal" | "stable", what: ReleaseV1 = release): Promise<ReadingWorld> {
  const world = await readingWorld();
  await world.write([appWrite("acme-notes"), releaseWrite(what)]);
  if (on === "internal") await world.place("internal", what);
  else await world.merge(await world.propose("stable", what));
  return world;
}

describe("channels.target", () => {
  it("finds nothing wrong with channels that point at published releases, nor with empty ones", async () => {
    expect(await examineBy(channelsTarget, await readingWorld())).toEqual([]);
    expect(await examineBy(channelsTarget, await placed("internal"))).toEqual([]);
    expect(await examineBy(channelsTarget, await placed("stable"))).toEqual([]);
  });

  it("fails for a release that is not there under its digest", async () => {
    const world = await placed("internal");
    await world.place("internal", release, { release_digest: "0".repeat(64) });
    const [rewritten] = await examineBy(channelsTarget, world);
    expect(rewritten).toMatchObject({ status: "fail", fix: "waybill state verify" });
    await world.place("internal", release, { version: "9.9.9" });
    const [missing] = await examineBy(channelsTarget, world);
    expect(missing).toMatchObject({ status: "fail", message: containing("9.9.9") });
  });

  it("fails for a draft", async () => {
    const [found] = await examineBy(channelsTarget, await placed("internal", releaseOf("1.5.0", { status: "draft" })));
    expect(found).toMatchObject({ status: "fail", message: "acme-notes internal: acme-notes 1.5.0 is a draft" });
  });

  it("fails for a yanked release and names the way back", async () => {
    const world = await placed("stable");
    await world.yank(release, "it loses notes");
    const [found] = await examineBy(channelsTarget, world);
    expect(found).toMatchObject({ status: "fail", message: containing("it loses notes") });
    expect(found?.fix).toContain("dist release rollback --app acme-notes --channel stable --preview");
  });

  it("fails for a release whose files retention removed", async () => {
    const world = await placed("internal");
    const document = {
      schema: "release-tombstone.v1",
      release_id: release.id,
      app_id: "acme-notes",
      version: "1.4.0",
      build: null,
      removed: [],
      retired_by: { kind: "human", name: "alice", id: "a", verified: false },
      retired_at: "2026-11-19T00:00:00Z",
    } as const;
    await world.write([{ name: "release-tombstone.v1", key: tombstoneKey("acme-notes", release.id), document }]);
    const [found] = await examineBy(channelsTarget, world);
    expect(found).toMatchObject({ status: "fail", message: containing("removed") });
  });
});
