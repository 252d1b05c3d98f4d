import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { git, makeFolder } from "../support/git-repo.ts";
import { testEnv } from "../support/native-under-test.ts";
import { BRANCH, changeOf, commitOf, soon } from "../support/store-under-test.ts";
import { BUILD, WORKER } from "../support/store-writers.ts";

const PRELOAD = join(import.meta.dirname, "..", "support", "kill-at.cjs");
/** Points that are tried of all there are, evenly; WAYBILL_TEST_FULL=1 tries every one. */
const POINTS = env["WAYBILL_TEST_FULL"] === "1" ? Number.POSITIVE_INFINITY : 8;
const TIMEOUT_MS = 600_000;

describe("a writer of a remote that is killed with its children", { timeout: TIMEOUT_MS }, () => {
  let folder: ReturnType<typeof makeFolder>;
  let truth: string;
  let store: GitStore;
  beforeEach(async () => {
    folder = makeFolder();
    truth = join(folder.path, "truth.git");
    git(folder.path, ["init", "-q", "--bare", truth]);
    git(truth, ["config", "uploadpack.allowFilter", "true"]);
    const cache = join(folder.path, "cache");
    // With a lease that never ends, only who is seen to be dead is replaced.
    const queue = { leaseMs: 3_600_000 };
    store = await openNativeStore({ location: `file://${truth}`, env: testEnv(folder.path), cache, queue });
    await put("root");
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });
  const put = async (name: string) =>
    commitOf(await store.apply(BRANCH, changeOf(name, { [name]: "1", "shared/counter": "0" }), soon()));
  /** Runs a writer of one operation that dies just before its n-th call to the disk or start of a process; 0: it lives. */
  const killedAt = (name: string, at: number): Promise<NodeJS.Signals | null> => {
    const given = { build: BUILD, driver: "native", location: `file://${truth}`, cache: join(folder.path, "cache") };
    const plan = JSON.stringify({ ...given, name, operations: 1, shared: 1 });
    const child = spawn(execPath, ["--require", PRELOAD, WORKER, plan], {
      detached: true,
      stdio: "ignore",
      env: {
        ...Object.fromEntries(testEnv(folder.path)),
        WAYBILL_TEST_KILL_AT: `${at}`,
        WAYBILL_TEST_CALLS: join(folder.path, "calls"),
      },
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (_, signal) => resolve(signal));
    });
  };

  it("leaves its operation landed once or not at all, and nobody behind it waits", async () => {
    expect(await killedAt("alive", 0)).toBeNull();
    const calls = Number(readFileSync(join(folder.path, "calls"), "utf8"));
    expect(calls).toBeGreaterThan(20);
    const step = Math.max(1, calls / POINTS);
    let killed = 0;
    const wanted = ["op_root", "op_alive_0"];
    for (let point = 1; point <= calls; point += step) {
      const at = Math.floor(point);
      // A later writer finds more of its objects there and makes fewer calls.
      killed += (await killedAt(`k${at}`, at)) === "SIGKILL" ? 1 : 0;
      await put(`after${at}`);
      wanted.push(`op_after${at}`);
    }
    expect(killed).toBeGreaterThan(4);
    const landed = git(truth, ["log", "--format=%(trailers:key=Waybill-Operation,valueonly,separator=%x2C)", BRANCH]);
    const operations = landed.split("\n");
    expect(operations.length).toBe(new Set(operations).size);
    expect(operations.filter((operation) => !operation.startsWith("op_k")).toSorted()).toEqual(wanted.toSorted());
    expect(git(truth, ["rev-list", "--count", "--min-parents=2", BRANCH])).toBe("0");
    expect(git(truth, ["fsck", "--strict", "--no-dangling"])).toBe("");
    const [queue = ""] = readdirSync(join(folder.path, "cache", "queues"));
    const [room = "", ...more] = readdirSync(join(folder.path, "cache", "queues", queue));
    expect(more).toEqual([]);
    expect(readdirSync(join(folder.path, "cache", "queues", queue, room))).toEqual(["free"]);
  });
});
