import { describe, expect, it } from "vitest";
import { checkedBytes, digestStored, hashStored, locationIn } from "../../../src/distribution/stored-bytes.ts";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { ToolError } from "../../../src/kernel/errors.ts";
import type { ArtifactStore } from "../../../src/ports/artifact-store.ts";

const location = { driver: "file", release_id: "rel_1", asset_id: null, asset_name: "a", url: null } as const;

function storeOf(open: ArtifactStore["open"]): ArtifactStore {
  const never = () => Promise.reject(new Error("not asked for"));
  return {
    driver: "file",
    maxFileBytes: 1,
    maxFiles: 1,
    staging: null,
    repository: null,
    preflight: never,
    draft: never,
    open,
    stat: never,
    remove: never,
    held: never,
    drop: never,
    sweep: never,
  };
}

describe("stored bytes", () => {
  it("stop at the first byte too many, however much the store gives", async () => {
    let given = 0;
    const store = storeOf(async function* () {
      for (;;) {
        given += 4;
        yield new Uint8Array(4);
      }
    });
    const wanted = { sha256: "0".repeat(64), size_bytes: 10, filename: "a" };
    const taken: number[] = [];
    const { chunks } = checkedBytes(store, wanted, location, (done) => taken.push(done));
    const drain = async () => {
      for await (const chunk of chunks) expect(chunk).toHaveLength(4);
    };
    await expect(drain()).rejects.toMatchObject({ code: "dist.artifact.digest_mismatch" });
    expect([given, taken]).toEqual([12, [4, 8]]);
  });

  it("are accepted only with the published digest", async () => {
    const bytes = new TextEncoder().encode("abc");
    const store = storeOf(async function* () {
      yield bytes;
    });
    const accepts = async (sha256: string) => {
      const { chunks, accept } = checkedBytes(
        store,
        { sha256, size_bytes: 3, filename: "a" },
        location,
        () => undefined,
      );
      for await (const chunk of chunks) expect(chunk).toBe(bytes);
      accept();
    };
    await expect(accepts(sha256Hex(bytes))).resolves.toBeUndefined();
    await expect(accepts("0".repeat(64))).rejects.toMatchObject({ code: "dist.artifact.digest_mismatch" });
  });

  it("that are not there have no digest; a failing disk is no answer", async () => {
    const failing = (code: "artifact.missing" | "file.unreadable") =>
      storeOf(async function* () {
        yield new Uint8Array(1);
        throw new ToolError(code, "no");
      });
    expect(await hashStored(failing("artifact.missing"), "0", location, () => undefined)).toBeNull();
    const hashing = hashStored(failing("file.unreadable"), "0", location, () => undefined);
    await expect(hashing).rejects.toMatchObject({ code: "file.unreadable" });
  });

  it("are looked for where the store's own driver put them", async () => {
    const at = { ...location, verified_at: "2026-01-01T00:00:00Z" };
    const record = {
      schema: "artifact.v1",
      sha256: "0".repeat(64),
      size_bytes: 1,
      first_seen_at: "2026-01-01T00:00:00Z",
      inspection: { kind: "opaque", inspector_version: 1, facts: {}, checks: [] },
      locations: [{ ...at, driver: "forge_asset" }, at],
    } as const;
    const store = storeOf(async function* () {});
    expect(await locationIn(store, record)).toEqual(at);
    expect(await locationIn(store, { ...record, locations: record.locations.slice(0, 1) })).toBeUndefined();
    expect(await locationIn(store, undefined)).toBeUndefined();
  });

  it("are looked for in the newest place that still has them", async () => {
    const places = ["1", "2", "3"].map((asset_id) => ({ ...location, asset_id, verified_at: "2026-01-01T00:00:00Z" }));
    const record = {
      schema: "artifact.v1",
      sha256: "0".repeat(64),
      size_bytes: 1,
      first_seen_at: "2026-01-01T00:00:00Z",
      inspection: { kind: "opaque", inspector_version: 1, facts: {}, checks: [] },
      locations: places,
    } as const;
    const found = async (has: readonly string[]) => {
      const stat: ArtifactStore["stat"] = async (sha256, at) =>
        has.includes(at.asset_id ?? "") ? { name: "a", sizeBytes: 1, sha256, state: "stored", location: at } : null;
      return (await locationIn({ ...storeOf(async function* () {}), stat }, record))?.asset_id;
    };
    expect([await found(["1", "2", "3"]), await found(["1"]), await found([])]).toEqual(["3", "1", "3"]);
  });

  it("that a forge calls others need not be read to be others", async () => {
    const store = { ...storeOf(async function* () {}), repository: "acme/notes" };
    const stat: ArtifactStore["stat"] = async (_, at) => ({
      name: "a",
      sizeBytes: 1,
      sha256: "f".repeat(64),
      state: "stored",
      location: at,
    });
    expect(await digestStored({ ...store, stat }, "0".repeat(64), location, () => undefined)).toBe("f".repeat(64));
    expect(await digestStored({ ...store, stat: async () => null }, "0", location, () => undefined)).toBeNull();
  });
});
