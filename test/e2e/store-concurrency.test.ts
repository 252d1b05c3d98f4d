import { spawn } from "node:child_process";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import { git, makeFolder } from "../support/git-repo.ts";
import { serveGit } from "../support/http-git-server.ts";
import { testEnv } from "../support/native-under-test.ts";
import { BRANCH, changeOf, soon } from "../support/store-under-test.ts";

const WRITERS = 8;
const OPERATIONS = 25;
const BUILD = env["WAYBILL_TEST_BUILD"] ?? join(import.meta.dirname, "..", "..", "build");

/** Runs one writer in a process of its own; with `killAfterMs` it does not get to its end. */
function writer(location: string, home: string, name: string, killAfterMs?: number): Promise<void> {
  const script = join(import.meta.dirname, "..", "support", "store-worker.mjs");
  const cache = join(home, "cache");
  const args = [script, BUILD, location, cache, name, `${OPERATIONS}`];
  const child = spawn(execPath, args, { env: Object.fromEntries(testEnv(home)), stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("error", reject);
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0 || killAfterMs !== undefined) resolve();
      else reject(new Error(`${name}: ${errors}`));
    });
  });
}

describe("many processes that write one branch", () => {
  let folder: ReturnType<typeof makeFolder>;
  let truth: string;
  beforeEach(async () => {
    folder = makeFolder();
    truth = join(folder.path, "truth.git");
    git(folder.path, ["init", "-q", "--bare", truth]);
    git(truth, ["config", "http.receivepack", "true"]);
    const store = await openNativeStore({ location: truth, env: testEnv(folder.path) });
    await store.apply(BRANCH, changeOf("root", { "shared/counter": "0" }), soon());
    await store.close();
  });
  afterEach(() => folder.remove());

  const race = async (location: string): Promise<void> => {
    const names = Array.from({ length: WRITERS }, (_, i) => `w${i}`);
    await Promise.all(names.map((name) => writer(location, folder.path, name)));
  };
  /** What stands on the branch, as plain git sees it. */
  const outcome = () => {
    const ref = `refs/heads/${BRANCH}`;
    const operations = git(truth, ["log", "--format=%(trailers:key=Waybill-Operation,valueonly,separator=%x2C)", ref]);
    return {
      counted: git(truth, ["show", `${ref}:shared/counter`]),
      files: git(truth, ["ls-tree", "-r", "--name-only", ref, "own/"]).split("\n").length,
      operations: new Set(operations.split("\n")).size,
      commits: git(truth, ["rev-list", "--count", ref]),
      merges: git(truth, ["rev-list", "--count", "--min-parents=2", ref]),
      fsck: git(truth, ["fsck", "--strict", "--no-dangling"]),
    };
  };
  const all = WRITERS * OPERATIONS;
  const landed = { counted: `${all}`, files: all, operations: all + 1, commits: `${all + 1}`, merges: "0", fsck: "" };

  it("lands each operation once in a repository on disk", async () => {
    await race(truth);
    expect(outcome()).toEqual(landed);
  });

  it("lands each operation once over smart HTTP", async () => {
    const server = await serveGit(folder.path);
    await race(`${server.url}/truth.git`);
    await server.stop();
    expect(outcome()).toEqual(landed);
  });

  it("keeps the branch whole when writers are killed at any moment", async () => {
    for (let round = 0; round < 4; round += 1) {
      const names = Array.from({ length: 3 }, (_, i) => `r${round}w${i}`);
      await Promise.all(names.map((name, i) => writer(truth, folder.path, name, 100 + 70 * (round + i))));
    }
    await writer(truth, folder.path, "last");
    const seen = outcome();
    const counted = Number(seen.counted);
    expect(counted).toBeGreaterThanOrEqual(OPERATIONS);
    const whole = { counted: `${counted}`, files: counted, operations: counted + 1, commits: `${counted + 1}` };
    expect(seen).toEqual({ ...landed, ...whole });
  });
});
