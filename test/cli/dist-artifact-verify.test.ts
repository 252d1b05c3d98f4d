import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tombstoneKey } from "../../src/distribution/documents.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { type RetentionWorld, makeRetentionWorld } from "../support/retention-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";

const shared = { platform: "generic", filename: "shared.zip", content: "shared" } as const;
const one = { platform: "generic", filename: "one.zip", content: "one" } as const;
const two = { platform: "generic", filename: "two.zip", content: "two" } as const;

async function published(): Promise<RetentionWorld> {
  const world = await makeRetentionWorld();
  await world.publish({ version: "1.0.0", files: [shared, one] });
  await world.publish({ version: "2.0.0", files: [shared, two] });
  await world.publish({ version: "3.0.0", files: [{ ...two, content: "draft" }], status: "draft" });
  return world;
}

function verify(world: RetentionWorld, ...argv: readonly string[]) {
  return runJson(["dist", "artifact", "verify", ...argv], { world });
}

function stored(world: RetentionWorld, content: string): string {
  const sha256 = sha256Hex(content);
  return join(world.folder, "artifacts", sha256.slice(0, 2), sha256);
}

describe("dist artifact verify", () => {
  it("reads each digest once and shows every published file, newest version first", async () => {
    const world = await published();
    const result = await verify(world, "--all");
    expect(result).toMatchObject({ exit: 0, result: { checked: 3, bytes: 12 } });
    const run = await runCli(["dist", "artifact", "verify", "--all"], { world });
    expect(run.stdout.split("\n").slice(1, -1)).toEqual(
      [
        ["ok", "acme", "2.0.0 (1)", "shared.zip", "6", sha256Hex("shared"), "-"],
        ["ok", "acme", "2.0.0 (1)", "two.zip", "3", sha256Hex("two"), "-"],
        ["ok", "acme", "1.0.0 (1)", "shared.zip", "6", sha256Hex("shared"), "-"],
        ["ok", "acme", "1.0.0 (1)", "one.zip", "3", sha256Hex("one"), "-"],
      ].map((row) => row.join("\t")),
    );
  });

  it("finds one changed byte", async () => {
    const world = await published();
    writeFileSync(stored(world, "one"), "ona");
    const result = await verify(world, "--release", "acme@1.0.0");
    expect(result).toMatchObject({ exit: 1, error: { code: "dist.artifact.digest_mismatch" } });
    expect(result.result).toMatchObject({
      artifacts: [{ status: "ok" }, { status: "changed", found: sha256Hex("ona") }],
    });
  });

  it("finds what is missing", async () => {
    const world = await published();
    const location = { driver: "file", release_id: "r", asset_id: null, asset_name: "a", url: null } as const;
    await world.artifacts.remove(sha256Hex("two"), location);
    expect(await verify(world, "--all")).toMatchObject({ exit: 1, error: { code: "artifact.missing" } });
    expect((await verify(world, "--release", "acme@1.0.0")).exit).toBe(0);
  });

  it("takes bytes that retention removed for what they are", async () => {
    const world = await published();
    const location = { driver: "file", release_id: "r", asset_id: null, asset_name: "a", url: null } as const;
    const id = "rel_acme1001";
    const document = {
      schema: "release-tombstone.v1",
      release_id: id,
      app_id: "acme",
      version: "1.0.0",
      build: "1",
      removed: [sha256Hex("one")],
      retired_by: { kind: "human", name: "alice", id: "a", verified: false },
      retired_at: "2026-11-19T00:00:00Z",
    } as const;
    await world.write([{ name: "release-tombstone.v1", key: tombstoneKey("acme", id), document }]);
    await world.artifacts.remove(sha256Hex("one"), location);
    const result = await verify(world, "--release", "acme@1.0.0");
    expect(result).toMatchObject({ exit: 0, result: { artifacts: [{ status: "ok" }, { status: "retired" }] } });
  });

  it("takes the beginning of a digest, and refuses what names none", async () => {
    const world = await published();
    const result = await verify(world, sha256Hex("one").slice(0, 12));
    expect(result).toMatchObject({ exit: 0, result: { checked: 1, artifacts: [{ filename: "one.zip" }] } });
    expect((await verify(world, "abc")).error?.code).toBe("usage.invalid_argument");
    expect((await verify(world, "0".repeat(64))).error?.code).toBe("dist.artifact.not_found");
    expect((await verify(world, "--release", "acme@9")).error?.code).toBe("release.not_found");
    expect((await verify(world, "--all", "--app", "acm")).error?.code).toBe("app.not_found");
  });

  it("asks what to verify", async () => {
    const world = await published();
    expect((await verify(world)).error?.code).toBe("usage.missing_argument");
    expect((await verify(world, "--all", "--release", "acme@1.0.0")).error?.code).toBe("usage.missing_argument");
  });

  it("says that there is nothing yet", async () => {
    const world = await makeRetentionWorld();
    const run = await runCli(["dist", "artifact", "verify", "--all"], { world });
    expect([run.exit, run.stdout, run.stderr]).toEqual([0, "", "No published artifacts yet\n"]);
  });
});
