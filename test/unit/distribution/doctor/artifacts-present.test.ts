import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { artifactsPresent } from "../../../../src/distribution/doctor/artifacts-present.ts";
import { tombstoneKey } from "../../../../src/distribution/documents.ts";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { makeRetentionWorld } from "../../../support/retention-world.ts";

const one = { platform: "generic", filename: "one.zip", content: "one" } as const;
const location = { driver: "file", release_id: "r", asset_id: null, asset_name: "a", url: null } as const;

async function published() {
  const world = await makeRetentionWorld();
  const release = await world.publish({ version: "1.0.0", files: [one] });
  const sha256 = sha256Hex("one");
  return { world, release, sha256, path: join(world.folder, "artifacts", sha256.slice(0, 2), sha256) };
}

describe("artifacts.present", () => {
  it("finds nothing wrong with bytes that are there", async () => {
    const { world } = await published();
    expect(await examineBy(artifactsPresent, world, true)).toEqual([]);
  });

  it("fails for bytes that are gone, but not for those of a draft", async () => {
    const { world, sha256 } = await published();
    await world.publish({ version: "2.0.0", status: "draft", files: [{ ...one, content: "draft" }] });
    await world.artifacts.remove(sha256Hex("draft"), location);
    expect(await examineBy(artifactsPresent, world)).toEqual([]);
    await world.artifacts.remove(sha256, location);
    const found = await examineBy(artifactsPresent, world);
    expect(found).toMatchObject([{ status: "fail", message: "acme@1.0.0+1 one.zip is not stored" }]);
  });

  it("does not know of bytes that another kind of store holds", async () => {
    const { world } = await published();
    const artifacts = { ...world.artifacts, driver: "forge_asset" as const };
    expect(await examineBy(artifactsPresent, { ...world, artifacts })).toEqual([
      {
        status: "unknown",
        message: "The bytes of 1 artifact are in another store than this one",
        fix: "Name the folder that holds them with --local-store",
      },
    ]);
  });

  it("asks for several at once, never for many, and misses none", async () => {
    const world = await makeRetentionWorld();
    const files = Array.from({ length: 20 }, (_, i) => ({ ...one, filename: `${i}.zip`, content: `content ${i}` }));
    await world.publish({ version: "1.0.0", files });
    let [asked, most] = [0, 0];
    const stat: typeof world.artifacts.stat = async () => {
      most = Math.max(most, (asked += 1));
      await new Promise((resolve) => setImmediate(resolve));
      asked -= 1;
      return null;
    };
    const found = await examineBy(artifactsPresent, { ...world, artifacts: { ...world.artifacts, stat } });
    expect([found.length, most]).toEqual([20, 8]);
  });

  it("fails for another size without reading, and for other bytes where it reads them", async () => {
    const { world, path } = await published();
    writeFileSync(path, "ona");
    expect(await examineBy(artifactsPresent, world)).toEqual([]);
    const [other] = await examineBy(artifactsPresent, world, true);
    expect(other).toMatchObject({ status: "fail", message: containing(sha256Hex("ona")) });
    writeFileSync(path, "ones");
    const [longer] = await examineBy(artifactsPresent, world);
    expect(longer?.message).toContain("4 bytes instead of 3");
  });

  it("does not miss what retention removed", async () => {
    const { world, release, sha256 } = await published();
    const document = {
      schema: "release-tombstone.v1",
      release_id: release.id,
      app_id: "acme",
      version: "1.0.0",
      build: "1",
      removed: [sha256],
      retired_by: { kind: "human", name: "alice", id: "a", verified: false },
      retired_at: "2026-11-19T00:00:00Z",
    } as const;
    await world.write([{ name: "release-tombstone.v1", key: tombstoneKey("acme", release.id), document }]);
    await world.artifacts.remove(sha256, location);
    expect(await examineBy(artifactsPresent, world)).toEqual([]);
  });
});
