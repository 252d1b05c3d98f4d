import { describe, expect, it } from "vitest";
import { abandon } from "../../../../src/distribution/abandon.ts";
import { cleanStore } from "../../../../src/distribution/store-cleanup.ts";
import { verifyArtifacts } from "../../../../src/distribution/verify-artifacts.ts";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { orThrow } from "../../../../src/kernel/errors.ts";
import { clientOf, githubPublishWorld, type GithubPublishWorld, meddled } from "../../../support/github-publish.ts";
import { deskOf } from "../../../support/publish-world.ts";

const DAY_MS = 86_400_000;
const where = { owner: "acme", repo: "notes" };

/** A world whose channel keeps one release; GitHub's time is the one of the world. */
async function keepingOne() {
  const world = await githubPublishWorld({ startAt: new Date("2026-11-19T11:40:00Z") });
  const channel = { mode: "auto", policy: "off", retention_keep: 1 } as const;
  await world.policy(({ defaults }) => ({ defaults: { ...defaults, policy: "off", channels: { internal: channel } } }));
  return world;
}

async function publishOne(world: GithubPublishWorld, version: string, files: Readonly<Record<string, string>>) {
  const artifacts = Object.keys(files).map((path) => ({ platform: "linux", path, variant: path.replace(/\W/g, "-") }));
  const path = world.build({ app: "acme-notes", version, channel: "internal", artifacts }, files);
  const source = { repository: "acme/notes", commit: world.acme.code, run_url: null };
  world.clock.advance(60_000);
  return orThrow(await world.tryPublish(path, { source }, { artifacts: world.fresh() })).result;
}

const tags = (world: GithubPublishWorld) => world.releases().map(({ tag, draft }) => `${tag}${draft ? " draft" : ""}`);

async function cleaned(world: GithubPublishWorld, dryRun = false) {
  const on = { artifacts: world.fresh(), log: world.log };
  return orThrow(await cleanStore(deskOf(world, { dryRun }), on)).result;
}

async function verify(world: GithubPublishWorld) {
  const on = { artifacts: world.fresh(), log: world.log };
  return orThrow(await verifyArtifacts(deskOf(world), on, { app: null, which: "all" }));
}

describe("releases on GitHub that retention lets go", () => {
  it("are removed as a whole, and what another release shares with them stays there", async () => {
    const world = await keepingOne();
    await publishOne(world, "1.0.0", { "own.bin": "own 1", "shared.bin": "shared" });
    await publishOne(world, "2.0.0", { "own.bin": "own 2", "shared.bin": "shared" });
    await publishOne(world, "3.0.0", { "own.bin": "own 3", "shared.bin": "shared" });
    const rows = [{ filename: "own.bin", size_bytes: 5, sha256: sha256Hex("own 1") }];
    const planned = await cleaned(world, true);
    expect([planned.retired.length, planned.removed]).toEqual([1, rows]);
    expect(tags(world)).toHaveLength(3);
    expect((await cleaned(world)).removed).toEqual(rows);
    expect(tags(world)).toEqual(["acme-notes-v2.0.0", "acme-notes-v3.0.0"]);
    expect((await cleaned(world)).removed).toEqual([]);
    const { result, error } = await verify(world);
    expect([error, result.artifacts.map(({ status }) => status).toSorted()]).toEqual([
      null,
      ["ok", "ok", "ok", "ok", "ok", "retired"],
    ]);
  });

  it("are found gone by the next run, where the answer to the removal was lost", async () => {
    const world = await keepingOne();
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) await publishOne(world, version, { "own.bin": version });
    world.acme.github.world.faults.add({
      when: ({ operation }) => operation === "repos/delete-release",
      effect: { kind: "lose" },
    });
    await cleaned(world);
    expect(tags(world)).toEqual(["acme-notes-v2.0.0", "acme-notes-v3.0.0"]);
  });
});

describe("drafts that were given up", () => {
  it("are removed by a clean-up a day later, and no others", async () => {
    const world = await keepingOne();
    const dies = { beforeCompare: () => Promise.reject(new Error("killed")) };
    await expect(world.again({}, meddled(world.fresh(), dies))).rejects.toThrow("killed");
    await expect(world.again({ version: "1.5.0" }, meddled(world.fresh(), dies))).rejects.toThrow("killed");
    const { data } = await clientOf(world.acme, world.acme.tokens.bob).request("POST /repos/{owner}/{repo}/releases", {
      ...where,
      tag_name: "acme-notes-v1.4.0",
      draft: true,
    });
    orThrow(await abandon(deskOf(world), { release: "acme-notes@1.4.0", app: undefined }));
    expect((await cleaned(world)).staged_bytes).toBe(0);
    world.clock.advance(DAY_MS + 60_000);
    expect(await cleaned(world, true)).toMatchObject({ planned: true, staged_bytes: 31 });
    expect((await cleaned(world)).staged_bytes).toBe(31);
    expect(world.releases().map(({ tag, id }) => [tag, id === data.id])).toEqual([
      ["acme-notes-v1.5.0", false],
      ["acme-notes-v1.4.0", true],
    ]);
    // The one that is still wanted is gone on with.
    expect(orThrow(await world.again({ version: "1.5.0" })).result.outcome).toBe("resumed");
  });
});

describe("two jobs that publish the same files at the same time", () => {
  it("make one release, and both say so", async () => {
    const world = await githubPublishWorld();
    const both = await Promise.allSettled([world.again(), world.again()]);
    // One may find that the other was faster, and says to run it again.
    for (const one of both) if (one.status === "rejected") throw one.reason;
    orThrow(await world.again());
    expect(
      world
        .releases()
        .filter(({ draft }) => !draft)
        .map(({ assets }) => assets.length),
    ).toEqual([3]);
    const events = (await world.events()).map((event) => event.split(" ")[0]);
    expect(events.filter((event) => event === "release.published")).toHaveLength(1);
    expect(events).not.toContain("release.alarm");
  });
});

describe("what was published", () => {
  it("is verified by GitHub's digest and by its bytes", async () => {
    const world = await githubPublishWorld();
    orThrow(await world.again());
    expect((await verify(world)).error).toBeNull();
    const [asset] = world.releases()[0]!.assets;
    asset!.digest = `sha256:${"f".repeat(64)}`;
    expect((await verify(world)).error?.code).toBe("dist.artifact.digest_mismatch");
    world.releases()[0]!.assets.shift();
    expect((await verify(world)).error?.code).toBe("artifact.missing");
  });

  it("is compared over all pages of a release with many files", async () => {
    const names = Array.from({ length: 130 }, (_, i) => `file-${i}.bin`);
    const world = await githubPublishWorld({}, Object.fromEntries(names.map((name) => [name, name])));
    orThrow(await world.again());
    expect(world.releases()[0]?.assets).toHaveLength(130);
    expect(world.asked().filter((operation) => operation === "repos/list-release-assets")).toHaveLength(4);
  });
});
