import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished, test, expect } from "vitest";
import { isData } from "../../src/kernel/json.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import { git, makeFolder } from "../support/git-repo.ts";
import { testEnv } from "../support/native-under-test.ts";
import { runJson } from "../support/run-cli.ts";
import { makeWorld } from "../support/world.ts";

/**
 * Both branches of a repository that the program of commit 3c098bb wrote, before there was any sealing: seven releases over three days
 * of October 2026, and a promotion that was approved and merged on the second.
 */
const BUNDLE = fileURLToPath(new URL("../fixtures/foundation.bundle", import.meta.url));

test("a repository from before there was sealing is read, sealed and verified", async () => {
  const folder = makeFolder();
  onTestFinished(() => folder.remove());
  const bare = join(folder.path, "facts.git");
  git(folder.path, ["init", "-q", "--bare", bare]);
  git(bare, ["fetch", "-q", BUNDLE, "refs/heads/*:refs/heads/*"]);
  const store = await openNativeStore({ location: bare, env: testEnv(folder.path), cache: join(folder.path, "cache") });
  onTestFinished(() => store.close());
  const world = makeWorld({ store });
  const resultOf = async (line: readonly string[]) => {
    const { exit, result } = await runJson(line, { world });
    if (!isData(result)) throw new Error(`exit ${exit} without a result`);
    return { exit, result };
  };
  const read = async () => {
    const releases = await resultOf(["dist", "release", "list", "--app", "acme-notes"]);
    const shown = await resultOf(["dist", "release", "show", "acme-notes@1.0.1"]);
    const events = await resultOf(["dist", "audit", "--action", "release.published"]);
    const { as_of: _, ...gates } = (await resultOf(["dist", "channel", "show", "stable", "--app", "acme-notes"]))
      .result;
    return [releases.result["releases"], shown.result["release"], events.result["events"], gates];
  };
  const verified = { exit: 0, result: { status: "verified", violations: [] } };
  expect(await resultOf(["state", "verify"])).toMatchObject(verified);
  const before = await read();
  expect(before[0]).toHaveLength(7);
  const sealed = await resultOf(["state", "seal"]);
  expect(sealed).toMatchObject({
    exit: 0,
    result: {
      sealed: [
        { folder: "audit/2026/10/22", documents: 17 },
        { folder: "dist/apps/acme-notes/releases", documents: 5 },
      ],
    },
  });
  expect(git(bare, ["ls-tree", "-r", "--name-only", "waybill/state"]).split("\n")).toHaveLength(24);
  expect(await read()).toEqual(before);
  expect(await resultOf(["state", "verify"])).toMatchObject(verified);
  expect(await resultOf(["state", "verify", "--full"])).toMatchObject(verified);
  expect(git(bare, ["fsck", "--strict"])).toBe("");
});
