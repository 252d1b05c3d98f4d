import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { ToolError } from "../../src/kernel/errors.ts";
import { makeRetentionWorld } from "../support/retention-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeWorld, type TestWorld } from "../support/world.ts";

const one = { platform: "generic", filename: "one.zip", content: "one" } as const;
const location = { driver: "file", release_id: "r", asset_id: null, asset_name: "a", url: null } as const;

async function published() {
  const world = await makeRetentionWorld();
  await world.publish({ version: "1.0.0", files: [one], on: ["internal"] });
  return world;
}

/** The same world, where open proposals cannot be listed. */
function unreadable(world: TestWorld): TestWorld {
  const offline = new ToolError("state.push.network", "The remote did not answer");
  const store = { ...world.store, branches: () => Promise.reject(offline) };
  return { ...world, store, ground: { ...world.ground, store } };
}

describe.each([["dist doctor"], ["doctor"]])("%s", (path) => {
  const words = path.split(" ");

  it("exits 0 where nothing is broken, and shows warnings first", async () => {
    const world = await published();
    expect(await runJson(words, { world })).toMatchObject({
      command: path,
      exit: 0,
      result: { schema: "dist-doctor-result.v1", fail: 0, unknown: 0, warn: 1, ok: 12 },
    });
    const run = await runCli(words, { world });
    expect(run.stdout.split("\n")).toEqual([
      expect.stringMatching(/^warn {6}policy\.people {3}Only alice .*; fix: waybill gate open policy/),
      "ok        12 more, --json lists them",
      "",
    ]);
  });
});

describe("dist doctor", () => {
  it("exits 1 where something is broken, also where a check could not find out", async () => {
    const world = await published();
    await world.artifacts.remove(sha256Hex("one"), location);
    const broken = { exit: 1, error: { code: "doctor.failed", data: { id: "artifacts.present", fail: 1 } } };
    expect(await runJson(["dist", "doctor"], { world })).toMatchObject(broken);
    const run = await runJson(["dist", "doctor"], { world: unreadable(world) });
    expect(run).toMatchObject({ ...broken, result: { fail: 1, unknown: 1 } });
  });

  it("exits 4 where a check could not find out, and shows it as unknown", async () => {
    const world = unreadable(await published());
    expect(await runJson(["dist", "doctor"], { world })).toMatchObject({
      exit: 4,
      error: { code: "doctor.unknown", retryable: true, data: { id: "proposals.stale" } },
    });
    const { stdout } = await runCli(["dist", "doctor"], { world });
    expect(stdout).toMatch(/^unknown {3}proposals\.stale {3}state\.push\.network: The remote did not answer$/m);
  });

  it("fails for a repository that was never set up", async () => {
    const result = await runJson(["dist", "doctor"], { world: makeWorld() });
    expect(result).toMatchObject({ exit: 1, error: { code: "doctor.failed", hints: ["waybill init"] } });
  });
});
