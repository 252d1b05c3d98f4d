import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { releaseKey } from "../../../../src/distribution/core/release-path.ts";
import { artifactKey } from "../../../../src/distribution/documents.ts";
import { newestAnchor, sealFacts, sealInPassing } from "../../../../src/gate/upkeep/seal.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { sealState } from "../../../../src/state/seal/seal.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { transact } from "../../../../src/state/transact.ts";
import { KillPoint, mortal } from "../../../support/kill-points.ts";
import {
  digestOf,
  fileOf,
  makeReleasesWorld,
  RECORDS,
  RELEASES,
  type ReleasesWorld,
  releaseOf,
} from "../../../support/sealed-releases.ts";

let world: ReleasesWorld;

beforeAll(async () => {
  world = await makeReleasesWorld();
});
beforeEach(() => world.reset());

const VERSIONS = ["1.0.0", "1.0.1", "1.1.0", "1.10.0", "1.2.0"];
const key = (version: string) => releaseKey("notes", version, null);
const found = async (paths: readonly string[]) =>
  (await world.store.read(await world.tip(), paths)).map((one) => one !== null);
const versionsIn = async (path: string) => {
  const [one] = await world.store.read(await world.tip(), [path]);
  const text = one && "bytes" in one ? Buffer.from(one.bytes).toString("utf8") : "";
  return [...text.matchAll(/"version":"([\d.]+)"/g)].map(([, version]) => version);
};
const oidOf = async (path: string) => (await world.store.read(await world.tip(), [path]))[0]?.oid;

test("releases and records that a decision has seen move into segments; drafts and newer ones stay files", async () => {
  const { sealed } = await world.seal();
  expect(
    sealed.filter(({ day }) => day === null).map(({ kind, documents, segments }) => [kind, documents, segments]),
  ).toEqual([
    ["release.v1", 5, [RELEASES]],
    ["artifact.v1", 5, [RECORDS]],
  ]);
  expect(await versionsIn(RELEASES)).toEqual(VERSIONS);
  expect(await found(VERSIONS.map(fileOf))).toEqual(VERSIONS.map(() => false));
  expect(await found([fileOf("1.0.2"), fileOf("2.0.0")])).toEqual([true, true]);
  expect(await world.broken()).toEqual([]);
  const tip = await world.tip();
  expect(await world.seal()).toMatchObject({ commits: [], sealed: [] });
  expect(await world.tip()).toBe(tip);
});

test("readers find every document and name where it was, in its file or its line", async () => {
  const look = async () => {
    const view = await world.view();
    const folders = ["dist/apps/notes", "dist/apps/notes/releases", "dist/apps/notes/releases/1.0", "dist/artifacts"];
    const digests = [...VERSIONS, "2.0.0", "9.9.9"].map(digestOf);
    return [
      await view.findAll("release.v1", [...VERSIONS, "1.0.2", "2.0.0", "1.0.7"].map(key)),
      await Promise.all(VERSIONS.map((version) => view.bytes("release.v1", key(version)))),
      await view.findAll("artifact.v1", digests.map(artifactKey)),
      await Promise.all(
        [...folders, `dist/artifacts/ab/${digests[0]!.slice(2, 4)}`].map((folder) => view.names(folder)),
      ),
    ];
  };
  const before = await look();
  await world.seal();
  expect(await look()).toEqual(before);
});

test("what comes to a sealed line later is a file until it is old too, and ends in the same segment as if sealed at once", async () => {
  await world.seal();
  await world.publish("1.0.3", "1.0.4", "1.11.0");
  expect(await world.broken()).toEqual([]);
  await world.see("1.2.0");
  await world.seal();
  const parts = [await oidOf(RELEASES), await oidOf(RECORDS)];
  expect(await versionsIn(RELEASES)).toEqual([...VERSIONS, "1.0.3", "1.0.4", "1.11.0", "2.0.0"].toSorted());
  expect(await world.broken()).toEqual([]);
  world.reset();
  await world.publish("1.0.3", "1.0.4", "1.11.0");
  await world.see("1.2.0");
  await world.seal();
  expect([await oidOf(RELEASES), await oidOf(RECORDS)]).toEqual(parts);
});

test("a version that is sealed is taken, and a release that is sealed never changes", async () => {
  await world.seal();
  const write = (version: string, at: string) =>
    world.write({ name: "release.v1", key: key(version), document: releaseOf(version, at) });
  await expect(write("1.0.0", "2026-01-09T00:00:00Z")).rejects.toMatchObject({ code: "state.writer.exists" });
  const tip = await world.tip();
  const same = await (await world.view()).find("release.v1", key("1.0.0"));
  await world.write({ name: "release.v1", key: key("1.0.0"), document: same! });
  expect(await found([fileOf("1.0.0")])).toEqual([false]);
  expect(await world.tip()).not.toBe(tip);
  expect(await world.broken()).toEqual([]);
});

test("a record that changes leaves its segment, and returns when it is old again", async () => {
  await world.seal();
  const writes = [await world.located("1.0.0"), await world.located("1.1.0")];
  await world.write(...writes);
  const view = await world.view();
  const digest = digestOf("1.0.0");
  expect((await view.find("artifact.v1", artifactKey(digest)))?.locations).toHaveLength(2);
  expect((await view.find("artifact.v1", artifactKey(digestOf("1.0.1"))))?.locations).toHaveLength(1);
  expect(await found([`dist/artifacts/ab/${digest.slice(2, 4)}/${digest}.json`])).toEqual([true]);
  expect(await world.broken()).toEqual([]);
  await world.publish("1.0.5", "1.0.6");
  await world.see("1.2.0");
  const { sealed } = await world.seal();
  expect(sealed.find(({ kind }) => kind === "artifact.v1")?.documents).toBe(5);
  expect(await found([`dist/artifacts/ab/${digest.slice(2, 4)}/${digest}.json`])).toEqual([false]);
  expect((await (await world.view()).find("artifact.v1", artifactKey(digest)))?.locations).toHaveLength(2);
  expect(await world.broken()).toEqual([]);
});

test("the last records that leave take their segment along", async () => {
  await world.seal();
  await world.write(...(await Promise.all(VERSIONS.map((version) => world.located(version)))));
  expect(await found([RECORDS])).toEqual([false]);
  expect(await world.broken()).toEqual([]);
});

describe("killed at any call of the store", () => {
  test.each(["before", "after"] as const)("%s it, the next run ends in the same segments", async (when) => {
    const methods = ["apply", "read", "commit"] as const;
    const sealAs = (point: KillPoint) =>
      sealFacts({ ...world.ground, store: mortal(world.store, point, methods) }, world.act(), {
        before: null,
        dryRun: false,
      });
    const whole = new KillPoint(0, when);
    await sealAs(whole);
    const wanted = [await oidOf(RELEASES), await oidOf(RECORDS)];
    const applied = whole.names.lastIndexOf("apply") + 1;
    for (const at of new Set([Math.floor(whole.calls / 2), applied - 1, applied, whole.calls])) {
      world.reset();
      await expect(sealAs(new KillPoint(at, when))).rejects.toThrow("killed at");
      expect(await world.broken()).toEqual([]);
      await world.seal();
      expect([await oidOf(RELEASES), await oidOf(RECORDS), await world.broken()]).toEqual([...wanted, []]);
    }
  });
});

describe("a seal and a writer at the same time", () => {
  /** Lets others in just before the branch moves, so many times. */
  const racing = (times: number, letIn: (time: number) => Promise<unknown>) => {
    let done = 0;
    return {
      ...world.ground,
      store: {
        ...world.store,
        apply: async (...args: Parameters<typeof world.store.apply>) => {
          if (done < times && args[0] === STATE) {
            done += 1;
            await letIn(done);
          }
          return world.store.apply(...args);
        },
      },
      tries: () => done,
    };
  };

  test("a publish that comes between does not disturb the seal, and is not lost", async () => {
    let plans = 0;
    const ground = racing(1, () => world.publish("1.0.3"));
    const { apply } = ground.store;
    ground.store.apply = (...args) => {
      plans += 1;
      return apply(...args);
    };
    const { sealed } = await world.seal(ground);
    expect(plans).toBe(1);
    expect(sealed.find(({ kind }) => kind === "release.v1")?.documents).toBe(5);
    expect(await found([fileOf("1.0.3")])).toEqual([true]);
    expect(await world.broken()).toEqual([]);
  });

  test("a record that changes between makes the seal leave it", async () => {
    const ground = racing(1, async () => world.write(await world.located("1.0.0")));
    const { sealed } = await world.seal(ground);
    expect(sealed.find(({ kind }) => kind === "artifact.v1")?.documents).toBe(4);
    const record = await (await world.view()).find("artifact.v1", artifactKey(digestOf("1.0.0")));
    expect(record?.locations).toHaveLength(2);
    expect(await world.broken()).toEqual([]);
  });

  test("a seal that comes between makes the writer of a record plan again, and nothing is lost", async () => {
    const write = await world.located("1.0.0");
    const event = { action: "app.updated", target: ["app", "notes"], metadata: {} } as const;
    await transact(
      racing(1, () => world.seal()),
      world.act(),
      async () => null,
      () => ({ writes: [write], events: [event], result: null }),
    );
    const record = await (await world.view()).find("artifact.v1", artifactKey(digestOf("1.0.0")));
    expect(record?.locations).toHaveLength(2);
    expect(await world.broken()).toEqual([]);
  });

  test("writers are never held up: a seal that meets them until its deadline gives up, and nothing is half sealed", async () => {
    let now = world.ground.clock.now().getTime();
    const ground = racing(1, async () => {
      now += 70_000;
      await world.write(await world.located("1.0.0"));
    });
    const asked = { anchor: newestAnchor(await loadDecisions(world.ground))!, before: "2026-01-06" };
    const on = { ...ground, clock: { now: () => new Date(now), sleep: () => Promise.resolve() } };
    await expect(sealState(on, world.act(), asked)).rejects.toMatchObject({ code: "state.push.conflict" });
    expect(await found([RELEASES, RECORDS])).toEqual([false, false]);
    const record = await (await world.view()).find("artifact.v1", artifactKey(digestOf("1.0.0")));
    expect(record?.locations).toHaveLength(2);
  });
});

describe("in passing", () => {
  const many = Array.from({ length: 60 }, (_, i) => `3.${i % 7}.${i}`);

  test("what is worth a commit is sealed, a part at a time, and the rest later", async () => {
    await world.publish(...many);
    await world.see("1.2.0");
    const decisions = await loadDecisions(world.ground);
    expect((await sealInPassing(world.ground, world.act(), decisions))?.documents).toBeGreaterThanOrEqual(100);
    expect(await sealInPassing(world.ground, world.act(), decisions)).toBeNull();
    expect(await world.broken()).toEqual([]);
  });

  test("a few documents are left where they are", async () => {
    const tip = await world.tip();
    expect(await sealInPassing(world.ground, world.act(), await loadDecisions(world.ground))).toBeNull();
    expect(await world.tip()).toBe(tip);
  });

  test.each(["state.push.unauthorised", "state.push.protected", "state.push.network", "state.push.conflict"] as const)(
    "%s is no reason to fail",
    async (code) => {
      await world.publish(...many);
      await world.see("1.2.0");
      const apply = () => Promise.reject(new ToolError(code, "no"));
      const ground = { ...world.ground, store: { ...world.store, apply } };
      expect(await sealInPassing(ground, world.act(), await loadDecisions(world.ground))).toBeNull();
    },
  );
});
