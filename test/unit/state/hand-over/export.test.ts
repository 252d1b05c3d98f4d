import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pid } from "node:process";
import { describe, expect, test } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { gitBundles } from "../../../../src/platform/git/bundles.ts";
import { holderName } from "../../../../src/platform/git/dead-locks.ts";
import { loosePath } from "../../../../src/platform/git/loose-objects.ts";
import { printZip } from "../../../../src/platform/zip-print.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { exportState } from "../../../../src/state/hand-over/export.ts";
import { importState } from "../../../../src/state/hand-over/import.ts";
import { git } from "../../../support/git-repo.ts";
import { bytesOf, empty, exported, failure, published } from "../../../support/hand-over-world.ts";

describe("a hand-over bundle", () => {
  test("brings both branches and all stored files into an empty repository, which git finds whole", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    const { bundle, sha256 } = await exported(on, "all", out);
    expect(sha256).toBe(sha256Hex(readFileSync(out)));
    expect(bundle.artifacts).toHaveLength(2);
    const to = await empty(on, "copy");
    expect(await importState(to.ground(), out, true)).toMatchObject({ unchanged: false });
    expect(to.refs()).toBe("");
    expect(await importState(to.ground(), out, false)).toMatchObject({ unchanged: false, bundle });
    for (const branch of [STATE, DECISIONS])
      expect(await to.store.head(branch)).toBe(await on.world.store.head(branch));
    git(to.location, ["fsck", "--strict", "--full"]);
    for (const { sha256: digest } of bundle.artifacts)
      expect(sha256Hex(readFileSync(join(to.files, digest.slice(0, 2), digest)))).toBe(digest);
    expect(await importState(to.ground(), out, false)).toMatchObject({ unchanged: true });
    // Plain git reads it too.
    writeFileSync(join(on.folder, "history"), await bytesOf(out, "history.bundle"));
    git(on.folder, ["clone", "-q", "--bare", "-b", STATE, "history", "plain.git"]);
  });

  test("is the same bytes from a copy that is packed in another way", async () => {
    const on = await published();
    const first = await exported(on, "all", join(on.folder, "first.zip"));
    git(on.folder, ["clone", "-q", "--mirror", on.location, "other.git"]);
    git(join(on.folder, "other.git"), ["repack", "-adfq", "--window=250", "--depth=5"]);
    const location = join(on.folder, "other.git");
    for (const isAddress of [false, true]) {
      const bundles = gitBundles({ location, env: on.env, isAddress, cache: join(on.folder, "cache") });
      const again = await exported({ ...on, bundles }, "all", join(on.folder, `again-${isAddress}.zip`));
      expect(again.sha256).toBe(first.sha256);
    }
    // What was kept aside is gone.
    expect(readdirSync(join(on.folder, "cache"))).toEqual([]);
  });

  test("holds the files of the release that was asked for, and says which it is", async () => {
    const on = await published();
    const { bundle } = await exported(on, { release: "acme-notes@1.1.0" }, join(on.folder, "one.zip"));
    expect(bundle.release).toMatchObject({ app: "acme-notes", version: "1.1.0" });
    expect(bundle.artifacts.map(({ sha256 }) => sha256)).toEqual([sha256Hex("the second")]);
  });

  test("is not written over another file, nor from bytes that are not those that were published", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    writeFileSync(out, "mine");
    expect(await failure(exported(on, null, out))).toBe("file.exists");
    expect(readFileSync(out, "utf8")).toBe("mine");
    const digest = sha256Hex("the first");
    const stored = join(on.world.folder, "artifacts", digest.slice(0, 2), digest);
    rmSync(stored);
    writeFileSync(stored, "not first");
    expect(await failure(exported(on, "all", join(on.folder, "bad.zip")))).toBe("dist.artifact.digest_mismatch");
    expect(readdirSync(on.folder)).not.toContain("bad.zip");
  });

  test("holds both branches as of one moment, whoever writes meanwhile", async () => {
    const on = await published();
    const { store } = on.world;
    const decided = (await store.head(DECISIONS))!;
    let isQuiet = true;
    const world = {
      ...on.world,
      ground: {
        ...on.world.ground,
        store: {
          ...store,
          async head(branch: string, how?: { readonly fresh: boolean }) {
            if (branch === DECISIONS && isQuiet) {
              isQuiet = false;
              // A release, and a decision that may speak of it.
              await on.world.release("1.2.0", {}, "the third");
              const next = git(on.location, ["commit-tree", "-m", "later", "-p", decided, `${decided}^{tree}`]);
              git(on.location, ["update-ref", `refs/heads/${DECISIONS}`, next]);
            }
            return store.head(branch, how);
          },
        },
      },
    };
    const { bundle } = await exported({ ...on, world }, null, join(on.folder, "moving.zip"));
    const tips = new Map(bundle.branches.map(({ name, commit }) => [name, commit]));
    expect(tips.get(DECISIONS)).not.toBe(decided);
    for (const branch of [STATE, DECISIONS]) expect(tips.get(branch)).toBe(await store.head(branch));
  });

  test("that would be too large for import is not written", async () => {
    const on = await published();
    const out = join(on.folder, "huge.zip");
    const huge = { sha256: "0".repeat(64), size_bytes: 2 ** 35, filename: "huge", open: nothing };
    const ground = { bundles: on.bundles, printZip, files: on.world.files, log: on.world.log };
    const asked = { release: null, artifacts: [huge], out, force: false };
    expect(await failure(exportState(on.world.ground, ground, asked))).toBe("file.too_large");
    expect(readdirSync(on.folder)).not.toContain("huge.zip");
  });

  test("that cannot be whole is not made of a shallow clone", async () => {
    const on = await published();
    git(on.folder, ["clone", "-q", "--bare", "--depth=1", "-b", STATE, `file://${on.location}`, "shallow.git"]);
    const location = join(on.folder, "shallow.git");
    const bundles = gitBundles({ location, env: on.env, isAddress: false, cache: join(on.folder, "cache") });
    expect(await failure(exported({ ...on, bundles }, null, join(on.folder, "x.zip")))).toBe("state.object.missing");
  });

  test("is not made where an object is absent or damaged, and it says which of the two", async () => {
    const on = await published();
    const oid = git(on.location, ["rev-parse", `${STATE}:dist`]);
    const file = loosePath(join(on.location, "objects"), oid);
    const out = join(on.folder, "x.zip");
    chmodSync(file, 0o600);
    writeFileSync(file, "no object");
    const damaged = await exported(on, null, out).catch((error: unknown) => error);
    expect(damaged).toMatchObject({ code: "state.object.corrupt" });
    expect(String(damaged)).toMatch(/The history is damaged: (?!fatal|error)[^\\]*$/);
    rmSync(file);
    const absent: unknown = await exported(on, null, out).catch((error: unknown) => error);
    expect(absent).toMatchObject({ code: "state.object.missing" });
    expect(absent instanceof ToolError && absent.hints[0]).toContain("--refetch");
    expect(readdirSync(on.folder)).not.toContain("x.zip");
  });

  test("removes what an export kept aside that was killed, and nothing of one that is not done", async () => {
    const on = await published();
    const cache = join(on.folder, "cache");
    const mine = `bundle-${await holderName()}`;
    // No system gives a process such a number.
    const left = mine.replace(`_${pid}_`, "_4000000000_");
    for (const name of [mine, left]) mkdirSync(join(cache, name, "fetched.git"), { recursive: true });
    await exported(on, null, join(on.folder, "x.zip"));
    expect(readdirSync(cache)).toEqual([mine]);
  });

  test("of an address that is gone says so", async () => {
    const on = await published();
    const gone = { location: `file://${on.folder}/gone.git`, env: on.env, isAddress: true };
    const bundles = gitBundles({ ...gone, cache: join(on.folder, "cache") });
    expect(await failure(exported({ ...on, bundles }, null, join(on.folder, "x.zip")))).toBe(
      "state.repository.missing",
    );
  });
});

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array());
}
