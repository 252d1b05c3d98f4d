import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ToolError } from "../../../src/kernel/errors.ts";
import { sha256Hex } from "../../../src/kernel/digest.ts";
import { STATE } from "../../../src/state/branches.ts";
import { publishWorld, type PublishWorld, refusalOf, robot } from "../../support/publish-world.ts";

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

describe("publish", () => {
  it("prints ids, digests and URLs, and moves the auto channel in the publishing commit", async () => {
    const world = await publishWorld();
    const { result } = await world.publish(world.build(manifest({ channel: "internal", build: "412" }), files));
    expect(result).toMatchObject({
      app: "acme-notes",
      app_created: true,
      outcome: "created",
      release: { version: "1.4.0", build: "412", published_at: "2026-11-19T11:40:00Z" },
      artifacts: [
        {
          platform: "linux",
          variant: "x64",
          filename: "acme.bin",
          sha256: sha256Hex("the program"),
          size_bytes: 11,
          validation_status: "skipped",
          download_url: `/download/${sha256Hex("the program")}`,
        },
      ],
      channels: [{ name: "internal", mode: "auto", status: "promoted", from: null, to: { version: "1.4.0" } }],
    });
    expect(result.commit).toBe(await world.store.head(STATE));
    expect(world.schemas.check("dist-publish-result.v1", result, "result")).toBeTruthy();
    // init, intent, record: nothing else was committed.
    expect(await world.commits()).toBe(3);
    const events = (await world.events()).map((event) => event.split(" ")[0]);
    expect(events.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      "app.created",
      "artifact.uploaded",
      "channel.promoted",
      "release.draft_created",
      "release.published",
      "state.initialized",
    ]);
  });

  it("changes nothing the second time", async () => {
    const world = await publishWorld();
    const path = world.build(manifest({ channel: "internal" }), files);
    const first = await world.publish(path);
    const before = await traces(world);
    const second = await world.publish(path);
    expect(second.result).toMatchObject({
      outcome: "unmodified",
      commit: null,
      release: { id: first.result.release.id },
      channels: [{ status: "unchanged" }],
    });
    expect(await traces(world)).toEqual(before);
  });

  it("puts files again that the store in use lacks, and says so", async () => {
    const world = await publishWorld();
    const path = world.build(manifest({ channel: "internal" }), files);
    const first = await world.publish(path);
    const sha256 = sha256Hex("the program");
    rmSync(join(world.folder, "artifacts", sha256.slice(0, 2), sha256));
    const again = await world.publish(path);
    expect(again.result).toMatchObject({
      outcome: "unmodified",
      commit: null,
      release: { id: first.result.release.id },
    });
    expect(again.warnings.map(({ code }) => code)).toContain("dist.artifact.restored");
    expect(readFileSync(join(world.folder, "artifacts", sha256.slice(0, 2), sha256), "utf8")).toBe("the program");
    expect((await world.publish(path)).warnings.map(({ code }) => code)).not.toContain("dist.artifact.restored");
  });

  it("moves only the channel when the same release is published again for another auto channel", async () => {
    const world = await publishWorld();
    await world.publish(world.build(manifest({ channel: "internal" }), files));
    const { result } = await world.publish(world.build(manifest({ channel: "nightly" }), files));
    expect(result).toMatchObject({ outcome: "unmodified", channels: [{ name: "nightly", status: "promoted" }] });
    expect(result.commit).not.toBeNull();
    expect(await world.events()).toContain("channel.promoted acme-notes/nightly");
  });

  it("does not take a channel back when an old job runs again", async () => {
    const world = await publishWorld();
    await world.release("1.0.0", { channel: "internal" });
    world.clock.advance(60_000);
    await world.release("1.1.0", { channel: "internal" });
    const again = await world.release("1.0.0", { channel: "internal" });
    expect(again.result).toMatchObject({
      outcome: "unmodified",
      commit: null,
      channels: [{ status: "unchanged", from: { version: "1.1.0" } }],
    });
  });

  it("stores equal bytes once and records them once, for every row that has them", async () => {
    const world = await publishWorld();
    const rows = [
      { platform: "linux", path: "acme.bin" },
      { platform: "windows", path: "copy.bin" },
    ];
    const { result } = await world.publish(
      world.build(manifest({ artifacts: rows }), { ...files, "copy.bin": "the program" }),
    );
    expect(result.artifacts.map(({ sha256 }) => sha256)).toEqual([sha256Hex("the program"), sha256Hex("the program")]);
    expect((await traces(world)).stored.filter((name) => name.length > 70)).toHaveLength(1);
    const record = await (await world.facts()).find("artifact.v1", {
      a: sha256Hex("the program").slice(0, 2),
      b: sha256Hex("the program").slice(2, 4),
      sha256: sha256Hex("the program"),
    });
    expect(record?.locations).toHaveLength(1);
  });

  it("adds a location when another release has the same bytes", async () => {
    const world = await publishWorld();
    const one = await world.release("1.0.0", {}, "same");
    const two = await world.release("1.0.1", {}, "same");
    const sha256 = sha256Hex("same");
    const record = await (await world.facts()).find("artifact.v1", {
      a: sha256.slice(0, 2),
      b: sha256.slice(2, 4),
      sha256,
    });
    expect(record?.locations.map(({ release_id }) => release_id)).toEqual([
      one.result.release.id,
      two.result.release.id,
    ]);
  });

  it("goes on after a crash between intent and record, with the same ids and one event each", async () => {
    const world = await publishWorld();
    const path = world.build(manifest({ channel: "internal" }), files);
    const broken = { ...world.artifacts, draft: () => Promise.reject(new ToolError("file.no_space", "full")) };
    await expect(world.tryPublish(path, {}, { artifacts: broken })).rejects.toMatchObject({ code: "file.no_space" });
    const draft = await (await world.facts()).find("release.v1", { app: "acme-notes", folder: "1.4", name: "1.4.0" });
    expect(draft?.status).toBe("draft");
    expect(draft?.artifacts[0]?.validation_status).toBe("pending");
    world.clock.advance(60_000);
    const { result } = await world.publish(path);
    expect(result).toMatchObject({
      outcome: "resumed",
      release: { id: draft?.id },
      artifacts: [{ id: draft?.artifacts[0]?.id }],
    });
    const events = (await world.events()).map((event) => event.split(" ")[0]);
    expect(events.filter((event) => event === "release.draft_created")).toHaveLength(1);
    expect(events.filter((event) => event === "artifact.uploaded")).toHaveLength(1);
    expect((await traces(world)).stored.filter((name) => name.startsWith("artifacts/incoming/"))).toEqual([]);
  });

  it("leaves an unfinished publish of other files alone for an hour, unless it is the same run or told to take over", async () => {
    const world = await publishWorld();
    const broken = { ...world.artifacts, draft: () => Promise.reject(new ToolError("file.no_space", "full")) };
    const path = world.build(manifest(), files);
    await expect(world.tryPublish(path, {}, { artifacts: broken })).rejects.toMatchObject({ code: "file.no_space" });
    world.build(manifest(), { "acme.bin": "rebuilt" });
    expect(refusalOf(await world.tryPublish(path))).toBe("dist.release.in_progress");
    const taken = await world.publish(path, { takeOver: true });
    expect(taken.result.outcome).toBe("created");
    const events = (await world.events()).map((event) => event.split(" ")[0]);
    expect(events).toContain("release.abandoned");
  });

  it("takes an unfinished publish over after an hour, and at once when the same run was rebuilt", async () => {
    for (const [advance, runUrl] of [
      [3_600_000, null],
      [0, "https://ci.example/runs/7"],
    ] as const) {
      const world = await publishWorld();
      const source = { repository: null, commit: null, run_url: runUrl };
      const broken = { ...world.artifacts, draft: () => Promise.reject(new ToolError("file.no_space", "full")) };
      const path = world.build(manifest(), files);
      await expect(world.tryPublish(path, { source }, { artifacts: broken })).rejects.toMatchObject({
        code: "file.no_space",
      });
      world.build(manifest(), { "acme.bin": "rebuilt" });
      world.clock.advance(advance);
      expect((await world.publish(path, { source })).result.outcome).toBe("created");
    }
  });

  it("opens a proposal for a gated channel and moves nothing", async () => {
    const world = await publishWorld();
    const path = world.build(manifest({ channel: "stable" }), files);
    const { result } = await world.publish(path);
    const [row] = result.channels;
    expect(row).toMatchObject({ name: "stable", mode: "gated", status: "proposed", from: null });
    const again = await world.publish(path);
    expect(again.result.channels[0]?.proposal).toEqual(row?.proposal);
    await world.merge(row?.proposal?.id ?? "");
    expect((await world.publish(path)).result.channels[0]?.status).toBe("unchanged");
  });

  it("says in a dry run what it would do, and does nothing", async () => {
    const world = await publishWorld();
    const before = await traces(world);
    const { result } = await world.publish(world.build(manifest({ channel: "internal" }), files), {}, { dryRun: true });
    expect(result).toMatchObject({
      planned: true,
      outcome: "created",
      commit: null,
      release: { published_at: null },
      artifacts: [{ validation_status: "skipped" }],
      channels: [{ name: "internal", status: "promoted", from: null }],
    });
    expect(await traces(world)).toEqual(before);
  });

  it("publishes a release with a failed artifact; a strict channel refuses it and a warn channel takes it", async () => {
    const world = await publishWorld();
    const strict = (policy: "strict" | "warn") => () => ({
      defaults: { mode: "gated" as const, channels: { internal: { mode: "auto" as const, policy } } },
    });
    await world.policy(strict("strict"));
    const inspection = {
      kind: "apk",
      inspector_version: 1,
      facts: {},
      checks: [{ id: "apk.v2.digest", status: "failed", message: "bad", detail: {} }],
    } as const;
    const intake = {
      ...world.intake,
      take: async (...given: Parameters<typeof world.intake.take>) => ({
        ...(await world.intake.take(...given)),
        inspection,
      }),
    };
    const path = world.build(manifest({ channel: "internal" }), files);
    const { result, warnings } = await world.publish(path, {}, { intake });
    expect(result).toMatchObject({
      outcome: "created",
      artifacts: [{ validation_status: "failed" }],
      channels: [{ status: "refused" }],
    });
    expect(warnings.map(({ code }) => code)).toContain("channel.policy.denied");
    await world.policy(strict("warn"));
    expect((await world.publish(path, {}, { intake })).result.channels[0]?.status).toBe("promoted");
  });

  it("lets two publishers of one version meet at one path: one makes it, the other finds it", async () => {
    const world = await publishWorld();
    const path = world.build(manifest({ channel: "internal" }), files);
    const both = await Promise.all([
      world.publish(path),
      world.publish(path, {}, { caller: { token: undefined, actor: robot } }),
    ]);
    const ids = both.map(({ result }) => result.release.id);
    expect(ids[0]).toBe(ids[1]);
    const events = (await world.events()).map((event) => event.split(" ")[0]);
    expect(events.filter((event) => event === "release.published")).toHaveLength(1);
    expect(events.filter((event) => event === "release.draft_created")).toHaveLength(1);
  });
});
