import { describe, expect, it } from "vitest";
import { type AskedStore, type FindRecord, storedRow } from "../../../src/distribution/stored-release.ts";
import type { StoredFile } from "../../../src/ports/artifact-store.ts";
import { releaseOf } from "../../support/stored-release.ts";

const release = releaseOf({
  version: "1.0.0",
  files: ["a", "b", "c", "d", "e"].map((content) => ({ platform: "linux", filename: `${content}.bin`, content })),
});

function recordsOf(releaseId: string): FindRecord {
  return async (sha256) => {
    const row = release.artifacts.find((one) => one.sha256 === sha256);
    if (row === undefined) return undefined;
    const { filename, size_bytes } = row;
    const at = "2026-11-01T00:00:00Z";
    const place = {
      driver: "forge_asset",
      release_id: releaseId,
      asset_id: "1",
      asset_name: filename,
      url: null,
    } as const;
    const inspection = { kind: "opaque", inspector_version: 1, facts: {}, checks: [] };
    return {
      schema: "artifact.v1",
      sha256,
      size_bytes,
      first_seen_at: at,
      inspection,
      locations: [{ ...place, verified_at: at }],
    };
  };
}

/** A store that holds everything, but for what the test says of some files. */
function storeWith(wrong: Readonly<Record<string, Partial<StoredFile> | null>> = {}): AskedStore {
  return {
    driver: "forge_asset",
    async stat(sha256, location) {
      const row = release.artifacts.find((one) => one.sha256 === sha256);
      const change = wrong[location.asset_name];
      if (change === null || row === undefined) return null;
      const name = location.asset_name;
      return { name, sizeBytes: row.size_bytes, sha256, state: "stored", location, ...change };
    },
  };
}

describe("what is stored of a release that is proposed", () => {
  it("is what was published, as the store says now", async () => {
    const rows = await storedRow(storeWith(), recordsOf(release.id), release);
    expect(rows).toEqual([{ rule: "stored", status: "ok", message: "5 files with their digests" }]);
  });

  it.each([
    ["gone", null, "a.bin is not stored any more"],
    ["of another size", { sizeBytes: 7 }, "a.bin is stored with 7 bytes instead of 1"],
    ["other bytes", { sha256: "0".repeat(64) }, "a.bin is stored with other bytes"],
  ])("refuses a file that is %s", async (_, change, message) => {
    const rows = await storedRow(storeWith({ "a.bin": change }), recordsOf(release.id), release);
    expect(rows).toEqual([{ rule: "stored", status: "refuse", message }]);
  });

  it("counts what it does not name", async () => {
    const wrong = { "a.bin": null, "b.bin": null, "c.bin": null, "d.bin": null };
    const [row] = await storedRow(storeWith(wrong), recordsOf(release.id), release);
    expect(row?.message).toMatch(/^a\.bin .*; b\.bin .*; c\.bin .* and 1 more$/);
  });

  it("says nothing of a release that lies elsewhere, nor takes equal bytes of another release for its own", async () => {
    expect(await storedRow(storeWith(), recordsOf("rel_other"), release)).toEqual([]);
    expect(await storedRow({ ...storeWith(), driver: "file" }, recordsOf(release.id), release)).toEqual([]);
  });
});
