import { describe, expect, test } from "vitest";
import { verifyRules } from "../../../cli/verify-rules.ts";
import { tombstoneKey } from "../../../src/distribution/documents.ts";
import { falseTombstones } from "../../../src/distribution/false-tombstones.ts";
import { releaseAt, unusable } from "../../../src/distribution/pointers.ts";
import { readRetention } from "../../../src/distribution/retention-view.ts";
import { removableBytes } from "../../../src/distribution/core/retention.ts";
import type { Decision } from "../../../src/gate/core/decisions.ts";
import { loadDecisions } from "../../../src/gate/view/view.ts";
import type { Oid } from "../../../src/kernel/oid.ts";
import type { ReleaseTombstoneV1, ReleaseV1 } from "../../../src/schema/types.gen.ts";
import { STATE } from "../../../src/state/branches.ts";
import { openState } from "../../../src/state/transact.ts";
import { noFindings } from "../../../src/state/verify/findings.ts";
import { walkState } from "../../../src/state/verify/walk.ts";
import { makeRetentionWorld, type RetentionWorld } from "../../support/retention-world.ts";
import { alice, type TestRelease } from "../../support/stored-release.ts";

function file(version: string): TestRelease {
  return { version, files: [{ platform: "linux", filename: `notes-${version}.deb`, content: version }] };
}

function tombstoneOf({ id, app_id, version, build, artifacts }: ReleaseV1): ReleaseTombstoneV1 {
  return {
    schema: "release-tombstone.v1",
    release_id: id,
    app_id,
    version,
    build,
    removed: artifacts.map(({ sha256 }) => sha256),
    retired_by: alice,
    retired_at: "2026-11-20T00:00:00Z",
  };
}

async function retire(world: RetentionWorld, release: ReleaseV1): Promise<void> {
  const key = tombstoneKey(release.app_id, release.id);
  await world.write([{ name: "release-tombstone.v1", key, document: tombstoneOf(release) }]);
}

/** Ids that the check names, in a walk after a commit or from the root. */
async function named(
  world: RetentionWorld,
  after: Oid | null = null,
  isLater: (decision: Decision) => boolean = () => true,
): Promise<readonly unknown[]> {
  const found = noFindings(verifyRules);
  const tip = (await world.ground.store.head(STATE))!;
  const decisions = await loadDecisions(world.ground);
  const check = falseTombstones({ decisions, later: decisions.merged.filter(isLater) });
  await walkState(world.ground, [check], { after, tip }, found.report, () => undefined);
  return found.violations.map(({ data }) => data["release_id"]);
}

async function whyNot(world: RetentionWorld, release: ReleaseV1): Promise<string | undefined> {
  const facts = await openState(world.ground);
  const known = (await releaseAt(facts, release.app_id, release.version, release.build))!;
  return (await unusable(facts, await loadDecisions(world.ground), known.release))?.code;
}

/** Digests that cleaning would delete. */
async function removable(world: RetentionWorld): Promise<readonly string[]> {
  const facts = await openState(world.ground);
  const { view, unknown } = await readRetention(world.ground, facts, await loadDecisions(world.ground));
  expect(unknown).toEqual([]);
  return removableBytes(view).map(({ sha256 }) => sha256);
}

async function threeOnStable() {
  const world = await makeRetentionWorld();
  const ship = async (version: string) => {
    const release = await world.publish(file(version));
    await world.merge(await world.propose(release, "stable"));
    return release;
  };
  return { ...world, ship, first: await ship("1.0.0"), second: await ship("2.0.0"), third: await ship("3.0.0") };
}

describe("a tombstone by hand", () => {
  test("of a release in force, or of the one that a rollback goes to, is named and not believed", async () => {
    const world = await threeOnStable();
    const { first, second, third } = world;
    const before = await world.ground.store.head(STATE);
    for (const release of [second, third]) await retire(world, release);
    expect(await named(world)).toEqual([second.id, third.id]);
    expect(await named(world, before)).toEqual([second.id, third.id]);
    const tip = await world.ground.store.head(STATE);
    expect(new Set(await named(world, tip))).toEqual(new Set([second.id, third.id]));
    // Where an earlier run held the decisions against the facts, only a new tombstone or a new decision is news.
    const isOld = () => false;
    expect(await named(world, before, isOld)).toEqual([second.id, third.id]);
    expect(await named(world, tip, isOld)).toEqual([]);
    const isNew = ({ document }: Decision) => "release_id" in document && document.release_id === third.id;
    expect(new Set(await named(world, tip, isNew))).toEqual(new Set([second.id, third.id]));
    expect(await whyNot(world, second)).toBeUndefined();
    expect(await whyNot(world, third)).toBeUndefined();
    expect(await removable(world)).toEqual([]);
    // What no decision in force needs may have been retired.
    await retire(world, first);
    expect(await named(world)).toEqual([second.id, third.id]);
    expect(await whyNot(world, first)).toBe("release.retired");
  });

  test("is still named when the channel has gone on, and one that came later is not", async () => {
    const world = await threeOnStable();
    const { first, second } = world;
    await retire(world, second);
    for (const version of ["4.0.0", "5.0.0"]) await world.ship(version);
    await retire(world, first);
    expect(await named(world)).toEqual([second.id]);
  });

  test("deletes nothing that policy keeps", async () => {
    const world = await makeRetentionWorld(({ defaults }) => ({
      defaults: { ...defaults, channels: { internal: { mode: "auto", policy: "off", retention_keep: 2 } } },
    }));
    const all: ReleaseV1[] = [];
    for (const version of ["1.0.0", "2.0.0", "3.0.0"])
      all.push(await world.publish({ ...file(version), on: ["internal"] }));
    const free = await world.publish(file("0.9.0"));
    for (const release of [...all, free]) await retire(world, release);
    // Of the last two placed one is pointed at; what never was on a channel no rule lets go.
    expect(await removable(world)).toEqual(all[0]!.artifacts.map(({ sha256 }) => sha256));
  });
});
