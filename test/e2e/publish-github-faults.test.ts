import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { isRefused, orThrow } from "../../src/kernel/errors.ts";
import type { FaultEffect, FaultTarget } from "../github/faults.ts";
import { secondaryLimit } from "../github/faults.ts";
import { githubPublishWorld, type GithubPublishWorld } from "../support/github-publish.ts";

const FILES = { "one.bin": "first file", "two.bin": "second file", "three.bin": "third file" };

/** Number of the request that makes the draft: before it there is nothing that reads could lag behind. */
const FIRST_WRITE = 4;

/** Numbers of all requests that an undisturbed publish sends. */
async function pointsOf(): Promise<readonly number[]> {
  const world = await githubPublishWorld({}, FILES);
  orThrow(await world.again());
  return world.asked().map((_, i) => i + 1);
}

/** Runs the job until it is done, each time in a process of its own; answers how often. */
async function converge(world: GithubPublishWorld): Promise<number> {
  for (let runs = 1; ; runs += 1) {
    const done = await world.again().catch((error: unknown) => error);
    if (!(done instanceof Error) && !isRefused(done)) return runs;
    if (runs === 4) throw done instanceof Error ? done : new Error(JSON.stringify(done));
    world.acme.github.world.faults.clear();
    world.clock.advance(60_000);
  }
}

/** One release, every file once and whole, its tag at the commit, recorded where it is. */
async function expectPublishedOnce(world: GithubPublishWorld): Promise<void> {
  const { acme } = world;
  const releases = world.releases();
  expect(releases.map(({ tag, draft }) => [tag, draft])).toEqual([["acme-notes-v1.4.0", false]]);
  const [release] = releases;
  const stored = release!.assets.map(({ state, digest }) => `${state} ${digest}`).toSorted();
  const wanted = Object.values(FILES).map((text) => `uploaded sha256:${sha256Hex(text)}`);
  expect(stored).toEqual(wanted.toSorted());
  expect(await acme.repo.ref("refs/tags/acme-notes-v1.4.0")).toBe(acme.code);
  expect([...acme.repo.features.releases.burned]).toEqual([]);
  const facts = await world.facts();
  const recorded = await facts.find("release.v1", { app: "acme-notes", folder: "1.4", name: "1.4.0" });
  expect(recorded).toMatchObject({
    status: "published",
    forge: { release_id: String(release!.id), tag: "acme-notes-v1.4.0" },
  });
  for (const text of Object.values(FILES)) {
    const sha256 = sha256Hex(text);
    const record = await facts.find("artifact.v1", { a: sha256.slice(0, 2), b: sha256.slice(2, 4), sha256 });
    const asset = release!.assets.find(({ digest }) => digest === `sha256:${sha256}`);
    expect(record?.locations).toMatchObject([
      { driver: "forge_asset", asset_id: String(asset?.id), asset_name: asset?.name },
    ]);
  }
  const events = (await world.events()).map((event) => event.split(" ")[0]);
  const count = (action: string) => events.filter((event) => event === action).length;
  expect([count("release.published"), count("artifact.uploaded"), count("release.alarm")]).toEqual([1, 3, 0]);
}

const faults: readonly (readonly [name: string, effect: FaultEffect])[] = [
  ["the connection is cut before", { kind: "drop" }],
  ["the answer is lost", { kind: "lose" }],
  ["502 and nothing is done", { kind: "status", status: 502 }],
  ["502 and it is done", { kind: "status-after", status: 502 }],
  ["a secondary limit", secondaryLimit(30)],
];

describe("a publish to GitHub converges", () => {
  for (const [name, effect] of faults) {
    it(`when once, at any request: ${name}`, async () => {
      for (const n of await pointsOf()) {
        const world = await githubPublishWorld({}, FILES);
        world.acme.github.world.faults.add({ when: n, effect });
        // One fault of the network does not need a person to run the command again.
        expect([n, await converge(world)]).toEqual([n, 1]);
        await expectPublishedOnce(world);
      }
    });
  }

  for (const when of ["before", "after"] as const) {
    it(`when the process dies ${when} any request`, async () => {
      for (const n of await pointsOf()) {
        const world = await githubPublishWorld({}, FILES);
        const { faults: plan } = world.acme.github.world;
        if (when === "after") plan.add({ when: n, effect: { kind: "lose" } });
        const isLater = (target: FaultTarget) => target.n >= n;
        plan.add({ when: isLater, effect: { kind: "drop" }, times: Number.POSITIVE_INFINITY });
        const runs = await converge(world);
        // The last answer of all may be lost without anybody's notice only where nothing more is asked.
        expect([n, runs]).toEqual([n, 2]);
        await expectPublishedOnce(world);
      }
    });
  }

  it("when uploads break off in the middle, and removes only what they left", async () => {
    for (const times of [1, 2, 3]) {
      const world = await githubPublishWorld({}, FILES);
      const isUpload = (target: FaultTarget) => target.kind === "upload";
      world.acme.github.world.faults.add({ when: isUpload, effect: { kind: "truncate", bytes: 3 }, times });
      expect(await converge(world)).toBe(1);
      await expectPublishedOnce(world);
      const removals = world.asked().filter((operation) => operation === "repos/delete-release-asset");
      expect(removals).toHaveLength(times);
    }
  });

  it("when reads lag behind writes", async () => {
    const points = await pointsOf();
    for (const n of points.slice(FIRST_WRITE)) {
      const world = await githubPublishWorld({}, FILES);
      world.acme.github.world.faults.add({ when: n, effect: { kind: "stale", reads: 2 } });
      expect([n, await converge(world)]).toEqual([n, 1]);
      await expectPublishedOnce(world);
    }
  });

  it("when the answer to a write is lost and reads lag behind it", async () => {
    const points = await pointsOf();
    for (const n of points.slice(FIRST_WRITE - 1)) {
      const world = await githubPublishWorld({}, FILES);
      const { faults: plan } = world.acme.github.world;
      plan.add({ when: n, effect: { kind: "lose" } });
      plan.add({ when: n + 1, effect: { kind: "stale", reads: 2 } });
      expect([n, await converge(world)]).toEqual([n, 1]);
      await expectPublishedOnce(world);
    }
  });
});
