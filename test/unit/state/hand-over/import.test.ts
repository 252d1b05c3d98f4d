import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openZip } from "../../../../src/inspect/zip/archive.ts";
import { printCanonical } from "../../../../src/kernel/canonical-json.ts";
import { isData } from "../../../../src/kernel/json.ts";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { gitBundles } from "../../../../src/platform/git/bundles.ts";
import { printZip } from "../../../../src/platform/zip-print.ts";
import type { Bundles } from "../../../../src/ports/bundles.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { importState } from "../../../../src/state/hand-over/import.ts";
import { git } from "../../../support/git-repo.ts";
import { collect } from "../../../support/store-under-test.ts";
import { type PublishWorld } from "../../../support/publish-world.ts";
import { bytesOf, empty, exported, failure, published, type Published } from "../../../support/hand-over-world.ts";

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
      "a member that is not known": { more: true },
      "another size": { history: { ...history, size_bytes: history.size_bytes + 1 } },
      "another digest": { history: { ...history, sha256: "0".repeat(64) } },
      "another root": { root: branches[1]?.commit },
      "no root": { root: null },
      "another repository": { repo_id: `${bundle.repo_id.slice(0, -1)}Z` },
      "another tenant": { tenant_id: `${bundle.tenant_id.slice(0, -1)}Z` },
    };
    const to = await empty(on, "copy");
    for (const [what, lie] of Object.entries(lies)) {
      const forged = await rewritten(on.world, out, { "waybill-bundle.json": manifestBytes({ ...bundle, ...lie }) });
      expect([what, await failure(importState(to.ground(), forged, false))]).toEqual([what, "state.bundle.invalid"]);
    }
    expect(to.refs()).toBe("");
    expect(readdirSync(on.folder)).not.toContain("copy-files");
    const genuine = await empty(on, "genuine");
    await importState(genuine.ground(), out, false);
    const forged = await rewritten(on.world, out, { "waybill-bundle.json": manifestBytes({ ...bundle, root: null }) });
    for (const dryRun of [true, false])
      expect(await failure(importState(genuine.ground(), forged, dryRun))).toBe("state.bundle.invalid");
  });

  test("that is cut short, or has an object changed under right digests, makes no branch", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    const { bundle } = await exported(on, "all", out);
    const to = await empty(on, "copy");
    const cut = join(on.folder, "cut.zip");
    writeFileSync(cut, readFileSync(out).subarray(0, 3000));
    expect(await failure(importState(to.ground(), cut, false))).toBe("state.bundle.invalid");
    for (const begin of ["waybill-bundle.json{", "README.txtA hand-over"]) {
      const flipped = readFileSync(out);
      const within = flipped.indexOf(begin) + 60;
      flipped[within] = flipped[within]! ^ 1;
      writeFileSync(cut, flipped);
      expect([begin, await failure(importState(to.ground(), cut, false))]).toEqual([begin, "state.bundle.invalid"]);
    }
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
    expect(readdirSync(on.folder)).not.toContain("copy-files");
  });

  test("is not blamed for a repository that names objects otherwise, and nothing is written there", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    await exported(on, "all", out);
    const to = await empty(on, "copy", "sha256");
    expect(await failure(importState(to.ground(), out, false))).toBe("state.repository.unsupported");
    expect(git(to.location, ["count-objects"])).toBe("0 objects, 0 kilobytes");
    expect(readdirSync(on.folder)).not.toContain("copy-files");
  });

  test("is not mixed into a repository that has branches of its own", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    await exported(on, null, out);
    await on.world.release("1.2.0", {}, "the third");
    const ground = { ...(await empty(on, "copy")).ground(), openStore: async () => on.world.store };
    expect(await failure(importState(ground, out, false))).toBe("state.bundle.not_empty");
  });

  test("that has facts only is not put beside decisions of others", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    const { bundle } = await exported(on, null, out);
    const [decisions, state] = bundle.branches;
    const made = await on.bundles.make(new Map([[STATE, (await on.world.store.head(STATE))!]]));
    const history = Buffer.concat(await collect(made.open()));
    await made.drop();
    const said = { path: bundle.history.path, size_bytes: made.sizeBytes, sha256: made.sha256 };
    const told = manifestBytes({ ...bundle, root: null, branches: [state], history: said });
    const facts = await rewritten(on.world, out, { "waybill-bundle.json": told, "history.bundle": history });
    const to = await empty(on, "copy");
    git(to.location, ["fetch", "-q", on.location, "waybill/decisions:waybill/decisions"]);
    for (const dryRun of [true, false])
      expect(await failure(importState(to.ground(), facts, dryRun))).toBe("state.bundle.not_empty");
    expect(to.refs()).toBe(`${decisions?.commit} refs/heads/waybill/decisions`);
    const alone = await empty(on, "alone");
    expect(await importState(alone.ground(), facts, false)).toMatchObject({ unchanged: false });
    expect(await importState(alone.ground(), facts, false)).toMatchObject({ unchanged: true });
  });

  test.each(["index-pack", "update-ref"])(
    "is not blamed for a disk that is full when git does %s",
    async (subcommand) => {
      const on = await published();
      const out = join(on.folder, "all.zip");
      await exported(on, "all", out);
      const to = await empty(on, "copy");
      const env = fullDisk(on, subcommand);
      const bundles = gitBundles({ location: to.location, env, isAddress: false, cache: join(on.folder, "cache") });
      expect(await failure(importState(to.ground({ bundles }), out, false))).toBe("file.no_space");
      expect(to.refs()).toBe("");
      expect(await importState(to.ground(), out, false)).toMatchObject({ unchanged: false });
    },
  );

  test("is not blamed for a git that is killed while it reads", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    await exported(on, "all", out);
    const to = await empty(on, "copy");
    const env = misled(on, "index-pack", "head -c 1000 > /dev/null; kill -9 $$");
    const bundles = gitBundles({ location: to.location, env, isAddress: false, cache: join(on.folder, "cache") });
    expect(await failure(importState(to.ground({ bundles }), out, false))).toBe("file.unreadable");
    expect(to.refs()).toBe("");
  });

  test("whose import dies before the branches is imported by the next try", async () => {
    const on = await published();
    const out = join(on.folder, "all.zip");
    await exported(on, "all", out);
    const to = await empty(on, "copy");
    const dying: Bundles = {
      ...to.bundles,
      take: (chunks, tips) =>
        to.bundles.take(chunks, tips, async () => {
          throw new Error("died");
        }),
    };
    await expect(importState(to.ground({ bundles: dying }), out, false)).rejects.toThrow("died");
    expect(to.refs()).toBe("");
    expect(await importState(to.ground(), out, false)).toMatchObject({ unchanged: false });
    git(to.location, ["fsck", "--strict", "--full"]);
  });
});

/** An environment in which git finds the disk full when it does one thing. */
function fullDisk(on: Published, subcommand: string): ReadonlyMap<string, string> {
  return misled(on, subcommand, `cat > /dev/null; echo "fatal: write error: No space left on device" >&2; exit 128`);
}

/** An environment in which git does something else in place of one thing. */
function misled({ folder, env }: Published, subcommand: string, instead: string): ReadonlyMap<string, string> {
  const bin = join(folder, `bin-${subcommand}`);
  mkdirSync(bin);
  const real = execFileSync("sh", ["-c", "command -v git"]).toString().trim();
  const script = `#!/bin/sh\ncase " $* " in *" ${subcommand} "*) ${instead};; esac\nexec '${real}' "$@"\n`;
  writeFileSync(join(bin, "git"), script, { mode: 0o755 });
  return new Map([...env, ["PATH", `${bin}:${env.get("PATH") ?? ""}`]]);
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
