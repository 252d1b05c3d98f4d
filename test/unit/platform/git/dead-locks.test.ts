import { existsSync, linkSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { freeDeadLock, holderName } from "../../../../src/platform/git/dead-locks.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import type { Processes } from "../../../../src/platform/git/queue/processes.ts";
import { openPortableStore } from "../../../../src/platform/portable/portable-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { BRANCH, changeOf, soon } from "../../../support/store-under-test.ts";

/** Some process, alive or not. */
const processOf = (pid: number, isAlive: boolean): Processes => ({
  self: async () => ({ pid, born: 7 }),
  isAlive: async () => isAlive,
  elapsedMs: () => 0,
});

let folder: string;
let lock: string;
beforeEach(() => {
  const made = makeFolder();
  onTestFinished(() => made.remove());
  folder = made.path;
  lock = join(folder, "main.lock");
});

/** Leaves a lock as a writer without git does that is killed while it holds it. */
async function leave(place: string, path: string, pid: number): Promise<string> {
  const name = await holderName(processOf(pid, true));
  writeFileSync(join(place, name), "tip\n");
  linkSync(join(place, name), path);
  return name;
}

describe("the lock of a dead process", () => {
  test("is taken away, with the file that says whose it was", async () => {
    await leave(folder, lock, 2_000_000_001);
    await freeDeadLock(folder, lock, processOf(1, false));
    expect(readdirSync(folder)).toEqual([]);
  });

  test("stays while its process lives, where another machine holds it, and where git made it", async () => {
    const name = await leave(folder, lock, 2_000_000_001);
    await freeDeadLock(folder, lock, processOf(1, true));
    expect(readdirSync(folder).toSorted()).toEqual(["main.lock", name].toSorted());
    const other = makeFolder();
    onTestFinished(() => other.remove());
    const theirs = join(other.path, "main.lock");
    const foreign = name.replace(/_[0-9a-f]{16}_/, `_${"0".repeat(16)}_`);
    writeFileSync(join(other.path, foreign), "tip\n");
    linkSync(join(other.path, foreign), theirs);
    await freeDeadLock(other.path, theirs, processOf(1, false));
    expect(existsSync(theirs)).toBe(true);
    const gits = join(folder, "other.lock");
    writeFileSync(gits, "");
    await freeDeadLock(folder, gits, processOf(1, false));
    expect(existsSync(gits)).toBe(true);
  });

  test("is taken away by many at once without touching the lock that the next one makes", async () => {
    await leave(folder, lock, 2_000_000_001);
    await Promise.all(Array.from({ length: 8 }, () => freeDeadLock(folder, lock, processOf(1, false))));
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ["native", openNativeStore],
    ["portable", openPortableStore],
  ] as const)("does not keep the %s driver from writing", async (_name, open) => {
    const location = join(folder, "repo.git");
    git(folder, ["init", "-q", "--bare", location]);
    const store = await open({ location, env: testEnv(folder) });
    onTestFinished(() => store.close());
    await store.apply(BRANCH, changeOf("root", { a: "1" }), soon());
    const path = join(location, "refs", "heads", `${BRANCH}.lock`);
    await leave(location, path, 2_000_000_001);
    expect(await store.apply(BRANCH, changeOf("next", { b: "2" }), soon())).toHaveProperty("commit");
    expect(existsSync(path)).toBe(false);
  });
});
