import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { STATE } from "../../../src/state/branches.ts";
import { abandon } from "../../../src/distribution/abandon.ts";
import { createApp } from "../../../src/distribution/apps.ts";
import { orThrow } from "../../../src/kernel/errors.ts";
import { deskOf, publishWorld, type PublishWorld, refusalOf } from "../../support/publish-world.ts";

const manifest = (more: object = {}) => ({
  app: "acme-notes",
  version: "1.4.0",
  artifacts: [{ platform: "linux", path: "acme.bin", variant: "x64" }],
  ...more,
});
const files = { "acme.bin": "the program" };

/** Everything that a refused publish must not change. */
async function traces(world: PublishWorld) {
  const stored = readdirSync(world.folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.startsWith("artifacts/") && !name.endsWith("incoming"),
  );
  return { tip: await world.store.head(STATE), stored };
}

describe("a publish that is refused", () => {
  it("refuses other bytes under a published version and names both", async () => {
    const world = await publishWorld();
    await world.publish(world.build(manifest(), files));
    const before = await traces(world);
    const again = await world.tryPublish(world.build(manifest(), { "acme.bin": "the program!" }));
    expect(refusalOf(again)).toBe("dist.release.already_published");
    expect(again).toMatchObject({
      refused: [
        {
          data: {
            published: sha256Hex("the program"),
            found: sha256Hex("the program!"),
            found_at: "dist.json#/artifacts/0",
          },
        },
      ],
    });
    expect(await traces(world)).toEqual(before);
  });

  it.each([
    [
      "a wrong digest",
      manifest({ artifacts: [{ platform: "linux", path: "acme.bin", sha256: "0".repeat(64) }] }),
      "dist.artifact.digest_mismatch",
    ],
    [
      "a wrong size",
      manifest({ artifacts: [{ platform: "linux", path: "acme.bin", size_bytes: 12 }] }),
      "dist.artifact.digest_mismatch",
    ],
    [
      "a missing file",
      manifest({ artifacts: [{ platform: "linux", path: "none.bin" }] }),
      "dist.manifest.missing_artifact",
    ],
    ["an empty file", manifest({ artifacts: [{ platform: "linux", path: "empty" }] }), "dist.manifest.io"],
    ["a folder", manifest({ artifacts: [{ platform: "linux", path: "inner" }] }), "dist.manifest.io"],
    [
      "a path outside",
      manifest({ artifacts: [{ platform: "linux", path: "../secret" }] }),
      "dist.manifest.path_escape",
    ],
    ["a link", manifest({ artifacts: [{ platform: "linux", path: "link" }] }), "dist.manifest.path_escape"],
    [
      "a file behind a linked folder",
      manifest({ artifacts: [{ platform: "linux", path: "linked/secret" }] }),
      "dist.manifest.path_escape",
    ],
    [
      "the same bytes twice",
      manifest({
        artifacts: [
          { platform: "linux", path: "acme.bin" },
          { platform: "linux", path: "copy.bin" },
        ],
      }),
      "dist.manifest.duplicate_artifact",
    ],
    [
      "the same row twice",
      manifest({
        artifacts: [
          { platform: "linux", path: "acme.bin" },
          { platform: "linux", path: "acme.bin" },
        ],
      }),
      "dist.manifest.duplicate_artifact",
    ],
    ["an unknown key", manifest({ chanel: "x" }), "dist.manifest.wrong_type"],
  ])("refuses %s and leaves no trace", async (_, given, code) => {
    const world = await publishWorld();
    const path = world.build(given, { ...files, "copy.bin": "the program", empty: "", "inner/x": "x" });
    mkdirSync(join(world.folder, "outside"));
    writeFileSync(join(world.folder, "outside", "secret"), "secret");
    symlinkSync(join(world.folder, "build", "acme.bin"), join(world.folder, "build", "link"));
    symlinkSync(join(world.folder, "outside"), join(world.folder, "build", "linked"));
    const before = await traces(world);
    expect(refusalOf(await world.tryPublish(path))).toBe(code);
    expect(await traces(world)).toEqual(before);
  });

  it.each([
    ["broken JSON", "{", "dist.manifest.bad_json"],
    ["10 MB of nesting", "[".repeat(10_000_000), "dist.manifest.bad_json"],
    ["nesting of 1 MB", "[".repeat(1_000_000), "dist.manifest.bad_json"],
  ])("throws for %s and leaves no trace", async (_, text, code) => {
    const world = await publishWorld();
    const before = await traces(world);
    await expect(world.tryPublish(world.build(text))).rejects.toMatchObject({ code });
    expect(await traces(world)).toEqual(before);
  });

  it("names the byte of invalid UTF-8 in a manifest", async () => {
    const world = await publishWorld();
    const path = world.build("");
    writeFileSync(path, Buffer.concat([Buffer.from('{"app":"'), Buffer.from([0xff])]));
    await expect(world.tryPublish(path)).rejects.toMatchObject({ code: "text.invalid_utf8", data: { offset: 8 } });
  });

  it("refuses a file that is too large before anything is read", async () => {
    const world = await publishWorld();
    const artifacts = { ...world.artifacts, maxFileBytes: 10 };
    const intake = { take: () => Promise.reject(new Error("read")), close: () => Promise.resolve() };
    const done = await world.tryPublish(world.build(manifest(), files), {}, { artifacts, intake });
    expect(refusalOf(done)).toBe("file.too_large");
  });

  it("refuses another bundle id, with both ids, and an id without rule warns", async () => {
    const world = await publishWorld();
    const inspection = {
      kind: "apk",
      inspector_version: 1,
      facts: { identity: "com.acme.other" },
      checks: [{ id: "apk.manifest", status: "passed", message: "read", detail: {} }],
    } as const;
    const intake = {
      ...world.intake,
      take: async (...given: Parameters<typeof world.intake.take>) => ({
        ...(await world.intake.take(...given)),
        inspection,
      }),
    };
    const path = world.build(manifest({ artifacts: [{ platform: "android_apk", path: "acme.bin" }] }), files);
    const warned = await world.publish(path, {}, { intake, dryRun: true });
    expect(warned.warnings.map(({ code }) => code)).toEqual(["dist.identity.unruled"]);
    await world.policy(() => ({ apps: { "acme-notes": { identity: { android_apk: { id: "com.acme.notes" } } } } }));
    const before = await traces(world);
    const refused = await world.tryPublish(path, {}, { intake });
    expect(refused).toMatchObject({
      refused: [
        { code: "dist.artifact.identity_mismatch", data: { expected: "com.acme.notes", found: "com.acme.other" } },
      ],
    });
    expect(await traces(world)).toEqual(before);
  });

  it("stops when stored bytes are not the ones that were read, and publishes nothing", async () => {
    const world = await publishWorld();
    const path = world.build(manifest({ channel: "internal" }), files);
    const artifacts = {
      ...world.artifacts,
      async draft(...given: Parameters<typeof world.artifacts.draft>) {
        const draft = await world.artifacts.draft(...given);
        const put: typeof draft.put = async (file, task) => {
          const stored = await draft.put(file, task);
          // Of the same length, as somebody who wants not to be seen would write it.
          const at = join(world.folder, "artifacts", stored.location.url ?? "");
          chmodSync(at, 0o644);
          writeFileSync(at, "THE PROGRAM");
          return stored;
        };
        return { ...draft, put };
      },
    };
    const done = await world.tryPublish(path, {}, { artifacts });
    expect(refusalOf(done)).toBe("dist.upload.verify_failed");
    expect((await world.events()).some((event) => event.startsWith("release.published"))).toBe(false);
    // What lies under a digest is not replaced, not even wrong bytes, until somebody takes them away.
    expect(refusalOf(await world.tryPublish(path))).toBe("dist.upload.verify_failed");
    const sha256 = sha256Hex(files["acme.bin"]);
    rmSync(join(world.folder, "artifacts", sha256.slice(0, 2), sha256));
    const healed = await world.publish(path);
    expect(healed.result.outcome).toBe("resumed");
  });

  it("stops when the draft holds a file too many", async () => {
    const world = await publishWorld();
    const location = { driver: "file", release_id: "rel_x", asset_id: null, asset_name: "x", url: null } as const;
    const artifacts = {
      ...world.artifacts,
      draft: async (release: Parameters<typeof world.artifacts.draft>[0]) => {
        const draft = await world.artifacts.draft(release);
        const extra = { name: "extra.bin", sizeBytes: 1, sha256: "0".repeat(64), state: "stored", location } as const;
        return { ...draft, list: async () => [...(await draft.list()), extra] };
      },
    };
    expect(refusalOf(await world.tryPublish(world.build(manifest(), files), {}, { artifacts }))).toBe(
      "dist.upload.unexpected_asset",
    );
  });

  it("refuses a version that differs from another only by case", async () => {
    const world = await publishWorld();
    await world.release("1.4.0-rc1");
    const refused = await world.tryPublish(world.build(manifest({ version: "1.4.0-RC1" }), { "acme.bin": "other" }));
    expect(refusalOf(refused)).toBe("dist.release.name_taken");
  });

  it("refuses a platform that the app is not made for, and an app that policy lets nobody make", async () => {
    const world = await publishWorld();
    await world.policy(() => ({ apps: { create: "proposal" } }));
    const path = world.build(manifest(), files);
    expect(refusalOf(await world.tryPublish(path))).toBe("app.not_creatable");
    await world.policy(() => ({ apps: { create: "proposal", "acme-notes": {} } }));
    expect((await world.publish(path)).result.app_created).toBe(true);
  });

  it("refuses a platform that its app is not made for", async () => {
    const world = await publishWorld();
    orThrow(await createApp(deskOf(world), "acme-notes", { platforms: ["ios"] }));
    const before = await traces(world);
    expect(refusalOf(await world.tryPublish(world.build(manifest(), files)))).toBe("dist.platform.not_allowed");
    expect(await traces(world)).toEqual(before);
  });

  it("refuses a file whose folder became a link while it was read", async () => {
    const world = await publishWorld();
    const path = world.build(manifest({ artifacts: [{ platform: "linux", path: "inner/acme.bin" }] }), {
      "inner/acme.bin": "the program",
      "other/acme.bin": "another program",
    });
    const folder = join(world.folder, "build");
    const take: typeof world.intake.take = async (...given) => {
      renameSync(join(folder, "inner"), join(folder, "moved"));
      symlinkSync(join(folder, "other"), join(folder, "inner"));
      return world.intake.take(...given);
    };
    const before = await traces(world);
    const done = await world.tryPublish(path, {}, { intake: { ...world.intake, take } });
    expect(refusalOf(done)).toBe("dist.manifest.path_escape");
    expect(await traces(world)).toEqual(before);
  });

  it("refuses to record a release that was given up while its files were stored", async () => {
    const world = await publishWorld();
    const draft: typeof world.artifacts.draft = async (release) => {
      orThrow(await abandon(deskOf(world), { release: "acme-notes@1.4.0", app: undefined }));
      return world.artifacts.draft(release);
    };
    const done = await world.tryPublish(
      world.build(manifest(), files),
      {},
      { artifacts: { ...world.artifacts, draft } },
    );
    expect(refusalOf(done)).toBe("dist.release.in_progress");
    expect((await world.events()).some((event) => event.startsWith("release.published"))).toBe(false);
  });
});
