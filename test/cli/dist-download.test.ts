import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyChecks } from "../../cli/verify-checks.ts";
import { verifyRules } from "../../cli/verify-rules.ts";
import { tombstoneKey } from "../../src/distribution/documents.ts";
import { verifyRepository } from "../../src/gate/verify/verify-repository.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { openState } from "../../src/state/transact.ts";
import { type RetentionWorld, makeRetentionWorld } from "../support/retention-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";

const files = [
  { platform: "linux", filename: "acme_amd64.deb", content: "deb x64", variant: "x64" },
  { platform: "linux", filename: "acme_arm64.deb", content: "deb arm64", variant: "arm64" },
  { platform: "android_apk", filename: "acme.apk", content: "apk" },
] as const;

async function published(): Promise<RetentionWorld> {
  const world = await makeRetentionWorld();
  await world.publish({ version: "1.0.0", files: [{ ...files[2], content: "old apk" }], on: ["internal"] });
  await world.publish({ version: "1.1.0", files, on: ["internal"] });
  return world;
}

function download(world: RetentionWorld, ...argv: readonly string[]) {
  return runJson(["dist", "download", "--app", "acme", ...argv], { world });
}

describe("dist download", () => {
  it("brings the file that the channel points to, with its digest", async () => {
    const world = await published();
    const out = join(world.folder, "acme.apk");
    const result = await download(world, "--channel", "internal", "--platform", "android_apk", "--out", out);
    expect(result).toMatchObject({
      exit: 0,
      result: { channel: "internal", release: { version: "1.1.0" }, sha256: sha256Hex("apk"), yanked: null, path: out },
    });
    expect(readFileSync(out, "utf8")).toBe("apk");
  });

  it.each([".npmrc", "Makefile"])("does not let a release choose the name %s, in a folder either", async (filename) => {
    const world = await makeRetentionWorld();
    await world.publish({ version: "1.0.0", files: [{ ...files[2], filename }], on: ["internal"] });
    const argv = ["--channel", "internal", "--platform", "android_apk"];
    for (const out of [[], ["--out", `${world.folder}/`]])
      expect((await download(world, ...argv, ...out)).error).toMatchObject({
        code: "dist.manifest.path_escape",
        hints: ["Name the file with --out"],
      });
    const named = join(world.folder, "taken");
    expect((await download(world, ...argv, "--out", named)).exit).toBe(0);
    expect(readFileSync(named, "utf8")).toBe("apk");
  });

  it("lists the choices where several files fit, or none does", async () => {
    const world = await published();
    const several = await download(world, "--channel", "internal", "--platform", "linux");
    expect(several).toMatchObject({
      exit: 2,
      error: {
        code: "usage.missing_argument",
        data: { choices: ["linux x64 acme_amd64.deb", "linux arm64 acme_arm64.deb"] },
        hints: ["Add --variant"],
      },
    });
    const none = await download(world, "--channel", "internal", "--platform", "ios");
    expect(none.error).toMatchObject({ code: "dist.artifact.not_found" });
    expect(none.error?.hints[0]).toContain("android_apk - acme.apk");
    const out = join(world.folder, "x.deb");
    const one = await download(
      world,
      "--channel",
      "internal",
      "--platform",
      "linux",
      "--variant",
      "arm64",
      "--out",
      out,
    );
    expect([one.exit, readFileSync(out, "utf8")]).toEqual([0, "deb arm64"]);
  });

  it("writes into a folder under the file's own name, and nothing in a dry run", async () => {
    const world = await published();
    const folder = join(world.folder, "in");
    mkdirSync(folder);
    const argv = ["--channel", "internal", "--platform", "android_apk", "--out", folder];
    expect((await download(world, ...argv, "--dry-run")).result).toMatchObject({ planned: true });
    expect(await world.files.stat(join(folder, "acme.apk"))).toBeNull();
    expect((await download(world, ...argv)).result).toMatchObject({ path: join(folder, "acme.apk") });
  });

  it("leaves a file that is right, and replaces another one only with --force", async () => {
    const world = await published();
    const out = join(world.folder, "a.apk");
    const argv = ["--channel", "internal", "--platform", "android_apk", "--out", out];
    expect((await download(world, ...argv)).exit).toBe(0);
    expect((await download(world, ...argv)).exit).toBe(0);
    writeFileSync(out, "mine");
    expect((await download(world, ...argv)).error?.code).toBe("file.exists");
    expect(readFileSync(out, "utf8")).toBe("mine");
    expect((await download(world, ...argv, "--force")).exit).toBe(0);
    expect(readFileSync(out, "utf8")).toBe("apk");
  });

  it.each(["xpk", "apk and more"])("gives no name to stored bytes that were altered to %j", async (content) => {
    const world = await published();
    const sha256 = sha256Hex("apk");
    writeFileSync(join(world.folder, "artifacts", sha256.slice(0, 2), sha256), content);
    const out = join(world.folder, "a.apk");
    const result = await download(world, "--channel", "internal", "--platform", "android_apk", "--out", out);
    expect(result).toMatchObject({ exit: 1, error: { code: "dist.artifact.digest_mismatch" } });
    expect(await world.files.names(world.folder)).not.toContain("a.apk");
  });

  it("says where bytes are missing", async () => {
    const world = await published();
    const location = { driver: "file", release_id: "r", asset_id: null, asset_name: "a", url: null } as const;
    await world.artifacts.remove(sha256Hex("apk"), location);
    const result = await download(world, "--channel", "internal", "--platform", "android_apk", "--out", "/nowhere/a");
    expect(result).toMatchObject({ exit: 1, error: { code: "artifact.missing" } });
  });

  it("says which store bytes are in, where that is another kind", async () => {
    const world = await published();
    const artifacts = { ...world.artifacts, driver: "forge_asset" as const };
    const forge = { ...world, artifacts, openArtifacts: async () => artifacts };
    const result = await download(forge, "--channel", "internal", "--platform", "android_apk", "--out", "/nowhere/a");
    expect(result).toMatchObject({
      exit: 2,
      error: { code: "artifact.elsewhere", hints: ["Name the folder that holds them with --local-store"] },
    });
    expect(await runJson(["dist", "artifact", "verify", "--release", "acme@1.1.0"], { world: forge })).toMatchObject({
      exit: 2,
      error: { code: "artifact.elsewhere" },
    });
    expect(await runJson(["state", "verify", "--artifacts"], { world: forge })).toMatchObject({
      result: { artifacts: { records: 4, read: 0 } },
      warnings: [{ code: "artifact.elsewhere" }],
    });
  });

  it("counts what was not read also after a walk that a checkpoint made, which counts nothing", async () => {
    const world = await published();
    const checks = verifyChecks(world.ground);
    const { version } = world.snapshotGround;
    const progress = () => undefined;
    await verifyRepository(world.ground, {
      version,
      rules: verifyRules,
      checks,
      ending: () => [],
      full: false,
      progress,
    });
    const answer = await runJson(["state", "verify"], { world });
    expect(answer).toMatchObject({ exit: 0, result: { artifacts: { records: 4, read: 0 } } });
    expect(answer).not.toMatchObject({ result: { facts: { remembered: 0 } } });
  });

  it("refuses a pointer whose release has another digest", async () => {
    const world = await published();
    const pointer = await (await openState(world.ground)).find("channel-pointer.v1", {
      app: "acme",
      channel: "internal",
    });
    const key = { app: "acme", channel: "internal" };
    const document = { ...pointer!, release_digest: "0".repeat(64) };
    await world.write([{ name: "channel-pointer.v1", key, document }]);
    const result = await download(world, "--channel", "internal", "--platform", "android_apk");
    expect(result).toMatchObject({ exit: 1, error: { code: "release.digest_mismatch" } });
  });

  it("does not follow a pointer that anyone could write where policy wants a decision", async () => {
    const world = await published();
    const release = await world.publish({ version: "6.6.6", files });
    await world.place(release, "stable");
    const result = await download(world, "--channel", "stable", "--platform", "android_apk");
    expect(result).toMatchObject({ exit: 2, error: { code: "channel.not_found" } });
  });

  it("follows a gated channel by its merged decision", async () => {
    const world = await published();
    const release = await world.publish({ version: "1.2.0", files: [{ ...files[2], content: "newer" }] });
    const proposal = await world.propose(release, "stable");
    const argv = ["--channel", "stable", "--platform", "android_apk", "--dry-run"];
    expect((await download(world, ...argv)).error?.code).toBe("channel.not_found");
    await world.merge(proposal);
    const proof = { grade: "signed", self_approved: true };
    expect(await download(world, ...argv)).toMatchObject({ exit: 0, result: { sha256: sha256Hex("newer"), ...proof } });
    const internal = await download(world, "--channel", "internal", "--platform", "android_apk", "--dry-run");
    expect(internal).toMatchObject({ result: { grade: null, self_approved: false } });
  });

  it("gives a withdrawn release only to who names it, and says so", async () => {
    const world = await published();
    const release = await world.publish({ version: "1.2.0", files, on: ["internal"] });
    await world.merge(await world.proposeYank(release, null));
    const argv = ["--platform", "android_apk", "--dry-run"];
    const refused = await download(world, "--channel", "internal", ...argv);
    expect(refused).toMatchObject({ exit: 1, error: { code: "release.yanked" } });
    const named = await download(world, "--release", "1.2.0", ...argv);
    expect(named).toMatchObject({ exit: 0, result: { yanked: { reason: "it crashes", replacement: null } } });
    expect(named.warnings.map(({ code }) => code)).toEqual(["release.yanked"]);
  });

  it("refuses a release whose files were removed", async () => {
    const world = await published();
    const id = "rel_acme1101";
    await world.write([
      {
        name: "release-tombstone.v1",
        key: tombstoneKey("acme", id),
        document: {
          schema: "release-tombstone.v1",
          release_id: id,
          app_id: "acme",
          version: "1.1.0",
          build: "1",
          removed: [],
          retired_by: { kind: "human", name: "alice", id: "a", verified: false },
          retired_at: "2026-11-19T00:00:00Z",
        },
      },
    ]);
    for (const from of [
      ["--channel", "internal"],
      ["--release", "1.1.0"],
    ])
      expect((await download(world, ...from, "--platform", "android_apk")).error?.code).toBe("release.retired");
  });

  it("takes a release by name instead of a channel, and one of the two only", async () => {
    const world = await published();
    const out = join(world.folder, "old.apk");
    const result = await download(world, "--release", "1.0.0", "--platform", "android_apk", "--out", out);
    expect(result).toMatchObject({ exit: 0, result: { channel: null, release: { version: "1.0.0" } } });
    expect(readFileSync(out, "utf8")).toBe("old apk");
    const both = await download(world, "--release", "1.0.0", "--channel", "internal", "--platform", "android_apk");
    expect(both.error?.code).toBe("usage.missing_argument");
  });

  it("names the nearest app or channel for one that is not there", async () => {
    const world = await published();
    const channel = await download(world, "--channel", "internl", "--platform", "android_apk");
    expect(channel.error).toMatchObject({ code: "channel.not_found", hints: ["Did you mean internal?"] });
    const run = await runCli(["dist", "download", "--app", "acm", "--channel", "internal", "--platform", "ios"], {
      world,
    });
    expect(run.stderr).toContain("Did you mean acme?");
  });

  it("refuses a token that is not known", async () => {
    const world = await published();
    const asker = { ...world.asker, token: `dist_${"0".repeat(64)}` };
    const argv = ["dist", "download", "--app", "acme", "--channel", "internal", "--platform", "android_apk"];
    const result = await runJson(argv, { world: { ...world, asker } });
    expect(result).toMatchObject({ exit: 1, error: { code: "auth.unknown" } });
  });
});
