import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { World } from "../../cli/world.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { ToolError } from "../../src/kernel/errors.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { cleanup, file, isStored, put, storedOf, worldOf } from "../support/cleanup-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeRetentionWorld, type RetentionWorld } from "../support/retention-world.ts";
import { collect } from "../support/store-under-test.ts";

describe("dist store cleanup", () => {
  it("removes what no channel keeps, records it in one commit, and does nothing the second time", async () => {
    const { world } = await worldOf(4);
    const before = await world.store.head(STATE);
    const done = await cleanup(world, "--yes");
    expect(done).toMatchObject({
      exit: 0,
      result: {
        planned: false,
        retired: [{ release: { version: "1.0.0" } }, { release: { version: "2.0.0" } }],
        removed_bytes: 10,
        kept: 2,
      },
    });
    expect(await storedOf(world, "own 1", "own 2", "own 3", "own 4", "shared")).toEqual(["own 3", "own 4", "shared"]);
    const after = (await world.store.head(STATE))!;
    expect((await world.store.commit(after)).parents).toEqual([before]);
    expect(await actionsOf(world, before!, after)).toEqual([
      "artifact.deleted",
      "artifact.deleted",
      "release.retired",
      "release.retired",
      "store.cleaned",
    ]);
    expect((await cleanup(world, "--yes")).result).toMatchObject({ retired: [], removed: [], commit: null });
    expect(await world.store.head(STATE)).toBe(after);
    expect((await runJson(["dist", "artifact", "verify", "--all"], { world })).exit).toBe(0);
  });

  it("leaves nothing for state verify to miss, unless bytes of a kept release go", async () => {
    const { world } = await worldOf(3);
    await cleanup(world, "--yes");
    const missing = async () => {
      const run = await runJson(["state", "verify", "--artifacts"], { world });
      const violations = run.result?.["violations"];
      return Array.isArray(violations) ? violations.filter(({ rule }) => rule === "artifact.missing") : null;
    };
    expect(await missing()).toEqual([]);
    // A later release brings the bytes again, so that now they must be there.
    await world.publish({ version: "9.0.0", files: [file("own 1")] });
    expect(await missing()).toEqual([]);
    const location = { driver: "file", release_id: "", asset_id: null, asset_name: "a", url: null } as const;
    await world.artifacts.remove(sha256Hex("own 1"), location);
    expect(await missing()).toHaveLength(1);
  });

  it("lists in a dry run and writes nothing", async () => {
    const { world } = await worldOf(3);
    const before = await world.store.head(STATE);
    const listed = await cleanup(world, "--dry-run");
    expect(listed).toMatchObject({
      exit: 0,
      result: { planned: true, commit: null, removed: [{ filename: "own 1.zip" }] },
    });
    expect([await world.store.head(STATE), await isStored(world, "own 1")]).toEqual([before, true]);
  });

  it("asks first, and does nothing without a yes", async () => {
    const { world } = await worldOf(3);
    const asked: string[] = [];
    const answering = (answer: string | null) => ({
      ...world,
      prompt: {
        ask: async (question: string) => {
          asked.push(question);
          return answer;
        },
        say: () => undefined,
      },
    });
    for (const answer of [null, "n"]) {
      const refused = await cleanup(answering(answer));
      expect(refused).toMatchObject({ exit: 2, error: { code: "usage.confirm_required" } });
      expect(await isStored(world, "own 1")).toBe(true);
    }
    expect((await cleanup(answering("y"))).exit).toBe(0);
    expect(asked[0]).toBe("Delete 1 file (5 B)? [y/N] ");
    expect(await isStored(world, "own 1")).toBe(false);
  });

  it("finishes the removal that a crash left, without another commit", async () => {
    const { world } = await worldOf(4);
    let removals = 0;
    const artifacts: ArtifactStore = {
      ...world.artifacts,
      remove: async (sha256, location) => {
        removals += 1;
        if (removals === 2) throw new ToolError("file.unreadable", "The disk failed");
        await world.artifacts.remove(sha256, location);
      },
    };
    expect((await cleanup({ ...world, artifacts }, "--yes")).error?.code).toBe("file.unreadable");
    expect(await storedOf(world, "own 1", "own 2")).toHaveLength(1);
    const after = await world.store.head(STATE);
    const again = await cleanup(world, "--yes");
    expect(again.result).toMatchObject({ retired: [], commit: null });
    expect(await storedOf(world, "own 1", "own 2")).toEqual([]);
    expect(await world.store.head(STATE)).toBe(after);
  });

  it("keeps a release that an open proposal or a gated channel names", async () => {
    const { world, releases } = await worldOf(4);
    const proposal = await world.propose(releases[0]!, "stable");
    expect((await cleanup(world, "--dry-run")).result).toMatchObject({ retired: [{ release: { version: "2.0.0" } }] });
    await world.merge(proposal);
    expect((await cleanup(world, "--dry-run")).result).toMatchObject({ retired: [{ release: { version: "2.0.0" } }] });
  });

  it("keeps the release in force under a pointer that was pushed over it", async () => {
    const { world, releases } = await worldOf(4);
    await world.merge(await world.propose(releases[0]!, "stable"));
    const path = "channels/acme/stable.json";
    const [found] = await world.store.read((await world.store.head(DECISIONS))!, [path]);
    const merged = world.schemas.parse(
      "channel-pointer.v1",
      found && "bytes" in found ? found.bytes : Buffer.alloc(0),
      path,
    );
    const forged = { ...merged, proposal_id: "prop_forged", release_id: releases[3]!.id };
    await put(world, DECISIONS, path, world.schemas.print("channel-pointer.v1", forged));
    const listed = await cleanup(world, "--dry-run");
    expect(listed.result).toMatchObject({ retired: [{ release: { version: "2.0.0" } }] });
  });

  it("counts what a gated channel had before", async () => {
    const { world, releases } = await worldOf(5);
    for (const release of releases.slice(0, 4)) await world.merge(await world.propose(release, "stable"));
    // Stable points to 4 and came from 3; internal points to 5 and came from 4.
    const listed = await cleanup(world, "--dry-run");
    expect(listed.result).toMatchObject({
      retired: [{ release: { version: "1.0.0" } }, { release: { version: "2.0.0" } }],
      kept: 3,
    });
  });

  it("keeps a withdrawn release and what takes its place", async () => {
    const { world, releases } = await worldOf(5);
    await world.merge(await world.proposeYank(releases[0]!, releases[1]!));
    expect((await cleanup(world, "--dry-run")).result).toMatchObject({ retired: [{ release: { version: "3.0.0" } }] });
  });

  it("keeps bytes that a draft has, though the release goes", async () => {
    const { world } = await worldOf(3);
    await world.publish({ version: "9.0.0", status: "draft", files: [file("own 1")] });
    const done = await cleanup(world, "--yes");
    expect(done.result).toMatchObject({ retired: [{ release: { version: "1.0.0" } }], removed: [] });
    expect(await isStored(world, "own 1")).toBe(true);
  });

  it("asks again before it removes: a publish that came meanwhile keeps its bytes", async () => {
    const { world } = await worldOf(3);
    let raced = false;
    const store: World["store"] = {
      ...world.store,
      apply: async (branch, change, deadline) => {
        const applied = await world.store.apply(branch, change, deadline);
        if (!raced && change.message.startsWith("store.cleaned")) {
          raced = true;
          await world.publish({ version: "9.0.0", status: "draft", files: [file("own 1")] });
        }
        return applied;
      },
    };
    const done = await cleanup({ ...world, store, ground: { ...world.ground, store } }, "--yes");
    expect([raced, done.exit]).toEqual([true, 0]);
    expect(done.result).toMatchObject({ retired: [{ release: { version: "1.0.0" } }], removed: [] });
    expect(await isStored(world, "own 1")).toBe(true);
  });

  it("removes what was given up before it was published", async () => {
    const { world } = await worldOf(1);
    await world.publish({ version: "9.0.0", status: "abandoned", files: [file("given up"), file("shared")] });
    expect((await cleanup(world, "--yes")).result).toMatchObject({ removed: [{ filename: "given up.zip" }] });
    expect(await storedOf(world, "given up", "shared")).toEqual(["shared"]);
  });

  it("removes staged files that nobody owns any more", async () => {
    const { world } = await worldOf(1);
    const incoming = join(world.folder, "artifacts", "incoming");
    mkdirSync(incoming, { recursive: true });
    writeFileSync(join(incoming, "left"), "12345");
    const old = new Date("2026-11-01T00:00:00Z");
    utimesSync(join(incoming, "left"), old, old);
    expect((await cleanup(world)).result).toMatchObject({ staged_bytes: 5, commit: null });
  });

  it("keeps everything where policy says no number", async () => {
    const world = await makeRetentionWorld();
    for (const version of ["1.0.0", "2.0.0", "3.0.0"])
      await world.publish({ version, files: [file(version)], on: ["internal"] });
    expect((await cleanup(world, "--yes")).result).toMatchObject({ retired: [], kept: 3 });
  });

  it("refuses a token without the scope", async () => {
    const { world } = await worldOf(3);
    const asker = { ...world.asker, token: `dist_${"0".repeat(64)}` };
    expect((await cleanup({ ...world, asker }, "--yes")).error?.code).toBe("auth.unknown");
  });

  it("says what was freed", async () => {
    const { world } = await worldOf(3);
    const options = { world, columns: 100, env: { NO_COLOR: "1" } };
    const planned = await runCli(["dist", "store", "cleanup", "--dry-run"], options);
    expect(planned.stdout).toContain("Would free 1 file, 5 B   1 release retired, 2 kept");
    expect(planned.stderr).toContain("Next");
    const done = await runCli(["dist", "store", "cleanup", "--yes"], options);
    expect(done.stdout).toMatch(/^Freed {5}1 file, 5 B {3}1 release retired, 2 kept {3}commit [0-9a-f]{7}$/m);
  });
});

async function actionsOf(world: RetentionWorld, from: Oid, to: Oid): Promise<readonly string[]> {
  const actions: string[] = [];
  for await (const { path, after } of world.store.diff(from, to)) {
    if (!path.startsWith("audit/") || after === null) continue;
    for (const { bytes } of (await collect(world.store.blobs([[after]]))).flat())
      actions.push(world.schemas.parse("audit-event.v1", bytes, path).action);
  }
  return actions.toSorted();
}
