import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { handOver } from "../../../../src/distribution/hand-over.ts";
import { openZip } from "../../../../src/inspect/zip/archive.ts";
import { readMember } from "../../../../src/inspect/zip/member.ts";
import { printCanonical } from "../../../../src/kernel/canonical-json.ts";
import { isData } from "../../../../src/kernel/json.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { fileArtifactStore } from "../../../../src/platform/file-artifact-store.ts";
import { gitBundles } from "../../../../src/platform/git/bundles.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { printZip } from "../../../../src/platform/zip-print.ts";
import type { Bundles } from "../../../../src/ports/bundles.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { exportState } from "../../../../src/state/hand-over/export.ts";
import { importState } from "../../../../src/state/hand-over/import.ts";
import { codeOf } from "../../../support/code-of.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { publishWorld, type PublishWorld } from "../../../support/publish-world.ts";

/** A bare repository with a published release, and its bundles. */
async function published() {
  const made = makeFolder();
  onTestFinished(() => made.remove());
  const folder = made.path;
  const location = join(folder, "repo.git");
  git(folder, ["init", "--bare", "-q", location]);
  const env = testEnv(folder);
  const store = await openNativeStore({ location, env });
  onTestFinished(() => store.close());
  const world = await publishWorld({ store });
  await world.release("1.0.0", {}, "the first");
  await world.release("1.1.0", {}, "the second");
  const bundles = gitBundles({ location, env, isAddress: false, cache: join(folder, "cache") });
  return { folder, location, env, world, bundles };
}

type Published = Awaited<ReturnType<typeof published>>;

async function exported({ world, bundles }: Published, which: "all" | { release: string } | null, out: string) {
  const none = { release: null, artifacts: [], warnings: [] };
  const files = which === null ? none : orThrow(await handOver(world.desk(), world.artifacts, which));
  const on = { bundles, printZip, files: world.files, log: world.log };
  return exportState(world.ground, on, { ...files, out, force: false });
}

/** An empty repository to import into. */
async function empty(on: Published, name: string) {
  const location = join(on.folder, `${name}.git`);
  git(on.folder, ["init", "--bare", "-q", location]);
  const store = await openNativeStore({ location, env: on.env });
  onTestFinished(() => store.close());
  const files = join(on.folder, `${name}-files`);
  const bundles = gitBundles({ location, env: on.env, isAddress: false, cache: join(on.folder, "cache") });
  const artifacts = fileArtifactStore(files);
  const { world } = on;
  const ground = (given: Partial<{ bundles: Bundles }> = {}) => ({
    schemas: world.schemas,
    files: world.files,
    log: world.log,
    openStore: async () => store,
    openBundles: async () => given.bundles ?? bundles,
    openArtifacts: async () => artifacts,
  });
  const refs = () => git(location, ["for-each-ref", "--format=%(objectname) %(refname)"]);
  return { location, store, files, bundles, ground, refs };
}

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
});

describe("a bundle from somebody else", () => {
  test("is refused whatever its manifest says that is not so, and nothing is written", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    const { bundle } = await exported(on, "all", out);
    const { branches, artifacts, history, root } = bundle;
    const lies: Readonly<Record<string, object>> = {
      "a branch of the code": { branches: [...branches, { name: "main", commit: root }] },
      "no facts": { branches: branches.slice(0, 1) },
      "a file elsewhere": { artifacts: artifacts.map((one) => ({ ...one, path: "../up" })) },
      "a file too few": { artifacts: artifacts.slice(1) },
      "another size": { history: { ...history, size_bytes: history.size_bytes + 1 } },
      "another digest": { history: { ...history, sha256: "0".repeat(64) } },
    };
    const to = await empty(on, "copy");
    for (const [what, lie] of Object.entries(lies)) {
      const forged = await rewritten(on.world, out, { "waybill-bundle.json": manifestBytes({ ...bundle, ...lie }) });
      expect([what, await failure(importState(to.ground(), forged, false))]).toEqual([what, "state.bundle.invalid"]);
    }
    const other = await rewritten(on.world, out, { "waybill-bundle.json": manifestBytes({ ...bundle, more: true }) });
    expect(await failure(importState(to.ground(), other, false))).toBe("state.document.invalid");
    expect(to.refs()).toBe("");
    expect(readdirSync(on.folder)).not.toContain("copy-files");
  });

  test("that is cut short, or has an object changed under right digests, makes no branch", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    const { bundle } = await exported(on, null, out);
    const to = await empty(on, "copy");
    writeFileSync(join(on.folder, "cut.zip"), readFileSync(out).subarray(0, 3000));
    expect(await failure(importState(to.ground(), join(on.folder, "cut.zip"), false))).toBe("state.bundle.invalid");
    const history = Buffer.from(await bytesOf(out, "history.bundle"));
    const middle = Math.floor(history.length / 2);
    history[middle] = history[middle]! ^ 255;
    const told = manifestBytes({ ...bundle, history: { ...bundle.history, sha256: sha256Hex(history) } });
    const forged = await rewritten(on.world, out, { "waybill-bundle.json": told, "history.bundle": history });
    expect(await failure(importState(to.ground(), forged, false))).toBe("state.bundle.invalid");
    const swapped = bundle.branches.map((branch) => ({ ...branch, commit: bundle.root }));
    const elsewhere = { "waybill-bundle.json": manifestBytes({ ...bundle, branches: swapped }) };
    const lying = await rewritten(on.world, out, elsewhere);
    expect(await failure(importState(to.ground(), lying, false))).toBe("state.bundle.invalid");
    expect(to.refs()).toBe("");
  });

  test("is not mixed into a repository that has branches of its own", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    await exported(on, null, out);
    await on.world.release("1.2.0", {}, "the third");
    const ground = { ...(await empty(on, "copy")).ground(), openStore: async () => on.world.store };
    expect(await failure(importState(ground, out, false))).toBe("state.bundle.not_empty");
  });

  test("whose import dies before the branches is imported by the next try", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    await exported(on, "all", out);
    const to = await empty(on, "copy");
    const dying: Bundles = {
      ...to.bundles,
      take: (chunks, tips) =>
        to.bundles.take(chunks, tips, () => {
          throw new Error("died");
        }),
    };
    await expect(importState(to.ground({ bundles: dying }), out, false)).rejects.toThrow("died");
    expect(to.refs()).toBe("");
    expect(await importState(to.ground(), out, false)).toMatchObject({ unchanged: false });
    git(to.location, ["fsck", "--strict", "--full"]);
  });
});

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array());
}

/** One member of a bundle. */
async function bytesOf(path: string, name: string): Promise<Uint8Array> {
  const content = readFileSync(path);
  const archive = await openZip({
    sizeBytes: content.length,
    read: async (offset, length) => content.subarray(offset, offset + length),
  });
  return readMember(archive, archive.byName.get(name)!, 1 << 24);
}

/** A copy of a bundle in which some members have other bytes. */
async function rewritten(world: PublishWorld, path: string, changed: Readonly<Record<string, Uint8Array>>) {
  const file = await world.files.open(path);
  const { entries } = await openZip(file);
  await file.close();
  const members = await Promise.all(
    entries.map(async ({ name }) => ({ name, bytes: changed[name] ?? (await bytesOf(path, name)) })),
  );
  const files = members.map(({ name, bytes }) => ({
    name,
    async *open() {
      yield bytes;
    },
  }));
  const forged = `${path}.forged.zip`;
  await world.files.writeStream(forged, printZip(files, "2026-11-21T00:00:00Z"), () => undefined);
  return forged;
}

/** A manifest that says what it is told to, valid or not. */
function manifestBytes(said: object): Uint8Array {
  const value: unknown = JSON.parse(JSON.stringify(said));
  if (!isData(value)) throw new Error("A manifest is an object");
  return new TextEncoder().encode(printCanonical(value));
}

async function failure(work: Promise<unknown>): Promise<string> {
  const [done] = await Promise.allSettled([work]);
  return codeOf(() => {
    if (done.status === "rejected") throw done.reason;
  });
}
