import { createHash, randomBytes } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { callsOf, killedRun } from "../support/killed-run.ts";
import { eventsOf, type Ground, historyOf, type Line, makeGround, verified } from "../support/many-machines.ts";

const PUBLISH_KILLS = 10;
const DECISION_KILLS = 4;
const TIMEOUT_MS = 300_000;
const ARTIFACT_BYTES = 1 << 20;
const sound = { hasGaps: false, merges: "0", operationsTwice: 0, fsck: "" };

/** Moments from the first call to the last, evenly. */
function moments(calls: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => 1 + Math.floor((i * (calls - 1)) / (count - 1)));
}

function publishLine(ground: Ground, version: string): Line {
  const bytes = () => randomBytes(ARTIFACT_BYTES / 2).toString("hex");
  return [
    "dist",
    "ci",
    "publish",
    "--manifest",
    ground.manifest(version, { "a.bin": bytes(), "b.bin": bytes(), "c.bin": bytes() }),
  ];
}

/** Every stored file by name, with what changes when it is written anew; its bytes must be those of its name. */
function storedIn(ground: Ground): ReadonlyMap<string, number> {
  const names = readdirSync(ground.store, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^..\/[0-9a-f]{64}$/.test(name),
  );
  return new Map(names.map((name) => [name, lstatSync(join(ground.store, name)).ino]));
}

function falseNames(ground: Ground): readonly string[] {
  return [...storedIn(ground).keys()].filter(
    (name) =>
      !name.endsWith(
        createHash("sha256")
          .update(readFileSync(join(ground.store, name)))
          .digest("hex"),
      ),
  );
}

describe("a process that is killed", () => {
  it("while it publishes leaves what verifies, and the next run finishes it", { timeout: TIMEOUT_MS }, async () => {
    const ground = await makeGround();
    await ground.sure(publishLine(ground, "1.0.0"));
    const calls = await callsOf(ground, publishLine(ground, "1.1.0"));
    let deaths = 0;
    for (const [i, killAt] of moments(calls, PUBLISH_KILLS).entries()) {
      const line = publishLine(ground, `2.0.${i}`);
      const where = `killed at call ${killAt} of ${calls}`;
      const before = storedIn(ground);
      deaths += (await killedRun(ground, line, killAt)) === "SIGKILL" ? 1 : 0;
      expect(falseNames(ground), where).toEqual([]);
      expect(await verified(ground), where).toEqual([0, null]);
      const kept = storedIn(ground);
      await ground.sure(line);
      const after = storedIn(ground);
      expect(
        [...after].filter(([name, inode]) => (kept.get(name) ?? inode) !== inode),
        where,
      ).toEqual([]);
      expect(after.size - before.size, where).toBe(3);
    }
    // Waiting makes a few calls more or less, so that the last moments may come too late.
    expect(deaths).toBeGreaterThan(PUBLISH_KILLS / 2);
    const all = PUBLISH_KILLS + 2;
    const once = { "release.draft_created": all, "release.published": all, "artifact.uploaded": 3 * all };
    expect(eventsOf(ground)).toMatchObject(once);
    expect(historyOf(ground)).toEqual(sound);
    // A staged file may belong to a process that still runs, so it goes after a day.
    const incoming = join(ground.store, "incoming");
    for (const name of readdirSync(incoming)) utimesSync(join(incoming, name), 0, 0);
    await ground.sure(["dist", "store", "cleanup", "--yes"]);
    expect(readdirSync(incoming)).toEqual([]);
    expect(await verified(ground)).toEqual([0, null]);
  });

  it("while it merges or syncs leaves what verifies, and the next run finishes it", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const ground = await makeGround();
    let version = 0;
    const approved = async (): Promise<string> => {
      const name = `1.${(version += 1)}.0`;
      await ground.sure(["dist", "ci", "publish", "--manifest", ground.manifest(name, { "a.bin": name })]);
      await ground.sure(["dist", "release", "promote", `acme@${name}`, "--channel", "stable", "--reason", "test"], 3);
      const [id = ""] = proposals();
      await ground.sure(["waybill", "gate", "approve", id]);
      return id;
    };
    const proposals = () => {
      const refs = ground.git("for-each-ref", "--format=%(refname:lstrip=4)", "refs/heads/waybill/proposal/");
      return refs.split("\n").filter((id) => id !== "");
    };
    let deaths = 0;
    const died = async (line: Line, killAt: number): Promise<void> => {
      deaths += (await killedRun(ground, line, killAt)) === "SIGKILL" ? 1 : 0;
    };
    const sync: Line = ["waybill", "gate", "sync"];
    const mergeCalls = await callsOf(ground, ["waybill", "gate", "merge", await approved()]);
    const syncCalls = await callsOf(ground, sync);
    const atSync = moments(syncCalls, DECISION_KILLS);
    for (const [i, killAt] of moments(mergeCalls, DECISION_KILLS).entries()) {
      const id = await approved();
      const where = `merge killed at ${killAt} of ${mergeCalls}, sync at ${atSync[i]} of ${syncCalls}`;
      await died(["waybill", "gate", "merge", id], killAt);
      expect(await verified(ground), where).toEqual([0, null]);
      await ground.sure(["waybill", "gate", "merge", id]);
      await died(sync, atSync[i] ?? 1);
      expect(await verified(ground), where).toEqual([0, null]);
      await ground.sure(sync);
      expect(proposals(), where).toEqual([]);
      const channel = await ground.sure(["dist", "channel", "show", "stable", "--app", "acme"]);
      expect(JSON.stringify(channel), where).toContain(`"version":"1.${version}.0"`);
    }
    const merges = ground.git("rev-list", "--first-parent", "--merges", "--count", "waybill/decisions");
    expect(merges).toBe(`${version}`);
    expect(deaths).toBeGreaterThanOrEqual(DECISION_KILLS);
    expect(historyOf(ground)).toEqual(sound);
  });
});
