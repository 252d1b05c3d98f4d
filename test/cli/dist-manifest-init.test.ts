import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isRefused } from "../../src/kernel/errors.ts";
import { readManifest } from "../../src/distribution/core/manifest.ts";
import { buildApk, plainInputs } from "../support/apk-builder.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeWorld, type TestWorld } from "../support/world.ts";
import { buildZip } from "../support/zip-builder.ts";

function worldWithFiles(): TestWorld & { readonly apk: string; readonly zip: string; readonly out: string } {
  const world = makeWorld();
  mkdirSync(join(world.folder, "out"));
  const apk = join(world.folder, "out", "acme.apk");
  const zip = join(world.folder, "out", "acme-win-x64.zip");
  writeFileSync(apk, buildApk(plainInputs, []));
  writeFileSync(zip, buildZip([{ name: "a", content: "a" }]));
  return { ...world, apk, zip, out: join(world.folder, "dist.json") };
}

describe("dist manifest init", () => {
  it("writes what publish reads, with paths below the manifest", async () => {
    const world = worldWithFiles();
    const argv = ["dist", "manifest", "init", world.apk, world.zip, "--app", "acme", "--out", world.out];
    const result = await runJson([...argv, "--version", "1.4.0", "--channel", "beta", "--build", "412"], { world });
    expect(result).toMatchObject({ ok: true, exit: 0, result: { planned: false } });
    const manifest = readManifest(readFileSync(world.out), "dist.json");
    if (isRefused(manifest)) throw new Error("refused");
    expect(manifest).toMatchObject({ app: "acme", version: "1.4.0", build: "412", channel: "beta" });
    expect(manifest.rows.map(({ platform, path, variant }) => [platform, path, variant])).toEqual([
      ["android_apk", "out/acme.apk", "universal"],
      ["windows", "out/acme-win-x64.zip", "x64"],
    ]);
  });

  it("changes nothing the second time, and replaces another manifest only with --force", async () => {
    const world = worldWithFiles();
    const argv = ["dist", "manifest", "init", world.zip, "--app", "acme", "--out", world.out, "--version"];
    expect((await runJson([...argv, "1.0.0"], { world })).exit).toBe(0);
    expect((await runJson([...argv, "1.0.0"], { world })).exit).toBe(0);
    expect(await runJson([...argv, "2.0.0"], { world })).toMatchObject({ exit: 2, error: { code: "file.exists" } });
    expect(readFileSync(world.out, "utf8")).toContain("1.0.0");
    expect((await runJson([...argv, "2.0.0", "--force"], { world })).exit).toBe(0);
    expect(readFileSync(world.out, "utf8")).toContain("2.0.0");
  });

  it("writes nothing in a dry run", async () => {
    const world = worldWithFiles();
    const argv = ["dist", "manifest", "init", world.zip, "--app", "acme", "--version", "1", "--out", world.out];
    const result = await runJson([...argv, "--dry-run"], { world });
    expect(result).toMatchObject({ exit: 0, result: { planned: true, manifest: { app: "acme" } } });
    expect(await world.files.stat(world.out)).toBeNull();
  });

  it("refuses a file that does not lie below the manifest, also through a link", async () => {
    const world = worldWithFiles();
    mkdirSync(join(world.folder, "other"));
    symlinkSync(join(world.folder, "out"), join(world.folder, "other", "link"));
    const out = join(world.folder, "other", "dist.json");
    const argv = ["dist", "manifest", "init", "--app", "acme", "--version", "1", "--out", out];
    for (const path of [world.zip, join(world.folder, "other", "link", "acme-win-x64.zip")]) {
      const result = await runJson([...argv, path], { world });
      expect(result).toMatchObject({ exit: 2, error: { code: "dist.manifest.path_escape" } });
    }
  });

  it("says what is missing where neither flag nor file tells it", async () => {
    const world = worldWithFiles();
    const run = await runCli(["dist", "manifest", "init", world.zip, "--app", "acme", "--out", world.out], { world });
    expect(run.exit).toBe(2);
    expect(run.stderr).toContain("error[usage.missing_argument] Name the version: none of the files says one");
    expect(run.stderr).toContain("Add --version");
  });

  it("refuses flags that no manifest may hold", async () => {
    const world = worldWithFiles();
    const argv = ["dist", "manifest", "init", world.zip, "--app", "Acme Notes", "--version", "1", "--out", world.out];
    expect(await runJson(argv, { world })).toMatchObject({ exit: 2, error: { code: "dist.manifest.wrong_type" } });
    expect(await world.files.stat(world.out)).toBeNull();
  });

  it("shows what it guessed", async () => {
    const world = worldWithFiles();
    const argv = ["dist", "manifest", "init", world.zip, "--app", "acme", "--version", "1", "--out", world.out];
    const run = await runCli(argv, { world, columns: 100, env: { NO_COLOR: "1" } });
    expect(run.stdout).toContain("windows   x64      out/acme-win-x64.zip");
    expect(run.stdout).toContain("Guessed   artifacts/0/platform windows: from the name acme-win-x64.zip");
    expect(run.stderr).toContain(`dist ci publish --manifest ${world.out}`);
  });
});
