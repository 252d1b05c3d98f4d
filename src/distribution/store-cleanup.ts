import type { Act } from "../kernel/act.ts";
import { isRefused, type Reason, type Refused, refuse } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import { timestamp } from "../kernel/time.ts";
import { loadDecisions } from "../gate/view/view.ts";
import type { ArtifactStore, HeldRelease, Location } from "../ports/artifact-store.ts";
import type { Log } from "../ports/log.ts";
import type { DistStoreCleanupResultV1, ReleaseTombstoneV1, RemovedArtifact } from "../schema/types.gen.ts";
import type { Event, Plan } from "../state/plan.ts";
import { openState } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import { planRetention, type RemovableBytes, removableBytes, type Retirement } from "./core/retention.ts";
import { admit, type Admitted, type Desk, write } from "./desk.ts";
import { artifactKey, tombstoneKey } from "./documents.ts";
import { heldToDrop } from "./held-releases.ts";
import { readRetention, type RetentionSeen } from "./retention-view.ts";
import { locationIn } from "./stored-bytes.ts";

/** Releases that one commit retires at most. */
const BATCH = 50;

/** What cleaning needs besides the desk. */
export interface CleanupGround {
  readonly artifacts: ArtifactStore;
  readonly log: Log;
}

/** What was cleaned, and what every reader prints first. */
export interface Cleaned {
  readonly result: DistStoreCleanupResultV1;
  readonly warnings: readonly Reason[];
}

/**
 * Lets go of releases as policy says. Check, tombstones and events are one commit, the removal of bytes follows it and asks again
 * what is needed by then; a crash between the two leaves bytes that the next run removes. With `dryRun` it says what would go.
 * Refuses with `dist.cleanup.unknown` where anything that decides cannot be found out.
 */
export async function cleanStore(desk: Desk, on: CleanupGround): Promise<Cleaned | Refused> {
  const admitted = await admit(desk, "dist store cleanup", { scope: "store:cleanup" });
  if (isRefused(admitted)) return admitted;
  const done = desk.dryRun ? await previewed(desk, on) : await cleaned(desk, admitted, on);
  return isRefused(done) ? done : { result: done, warnings: admitted.warnings };
}

async function previewed(desk: Desk, on: CleanupGround): Promise<DistStoreCleanupResultV1 | Refused> {
  const facts = await openState(desk.ground);
  const seen = await seenBy(desk, facts);
  if (isRefused(seen)) return seen;
  const { retire, kept } = planRetention(seen.view);
  const later = retire.map(({ release, removed }) => ({ release_id: release.id, removed }));
  const after = { ...seen.view, tombstones: [...seen.view.tombstones, ...later] };
  const stored = await storedAmong(facts, on.artifacts, removableBytes(after));
  const held = heldToDrop(await on.artifacts.held(), after, timestamp(desk.ground.clock.now()));
  const removed = [...stored, ...held.bytes].map(rowOf);
  return resultOf({ planned: true, retire, kept, removed, stagedBytes: sizeOf(held.drafts), commit: null });
}

async function cleaned(desk: Desk, admitted: Admitted, on: CleanupGround): Promise<DistStoreCleanupResultV1 | Refused> {
  const retire: Retirement[] = [];
  let commit: Oid | null = null;
  for (let batch = 0; ; batch += 1) {
    const act = batch === 0 ? admitted.act : admitted.act.step(`${batch}`);
    const read = (facts: View) => seenBy(desk, facts);
    const done = await write(
      desk,
      admitted,
      read,
      (seen, again) => planTombstones(seen, on.artifacts.driver, again),
      act,
    );
    if (isRefused(done)) return done;
    retire.push(...done.result);
    commit = done.commit ?? commit;
    if (done.result.length < BATCH) break;
  }
  // What is needed is asked again: a publish or a merge may have come between.
  const facts = await openState(desk.ground);
  const seen = await seenBy(desk, facts);
  if (isRefused(seen)) return seen;
  const removed = await remove(facts, on, removableBytes(seen.view));
  const held = heldToDrop(await on.artifacts.held(), seen.view, timestamp(desk.ground.clock.now()));
  for (const one of [...held.drafts, ...held.published]) await on.artifacts.drop(one);
  const stagedBytes = (await on.artifacts.sweep()) + sizeOf(held.drafts);
  const { kept } = planRetention(seen.view);
  return resultOf({
    planned: false,
    retire,
    kept,
    removed: [...removed, ...held.bytes.map(rowOf)],
    stagedBytes,
    commit,
  });
}

async function seenBy({ ground }: Desk, facts: View): Promise<RetentionSeen | Refused> {
  const seen = await readRetention(ground, facts, await loadDecisions(ground));
  const [first, ...more] = seen.unknown;
  return first === undefined ? seen : refuse(first, ...more);
}

/** Plans tombstones and events of the next releases that go. */
function planTombstones(
  seen: RetentionSeen | Refused,
  driver: string,
  act: Act,
): Plan<readonly Retirement[]> | Refused {
  if (isRefused(seen)) return seen;
  const retire = planRetention(seen.view).retire.slice(0, BATCH);
  if (retire.length === 0) return { writes: [], events: [], result: retire };
  const writes = retire.map((one) => ({
    name: "release-tombstone.v1" as const,
    key: tombstoneKey(one.release.app_id, one.release.id),
    document: tombstoneOf(one, act),
  }));
  const deleted = deletions(retire);
  const summary = { releases: retire.length, artifacts: deleted.length };
  const events: readonly Event[] = [
    { action: "store.cleaned", target: ["store", driver], metadata: summary },
    ...retire.map(({ release, removed }): Event => {
      const metadata = { app: release.app_id, version: release.version, build: release.build, removed };
      return { action: "release.retired", target: ["release", release.id], metadata };
    }),
    ...deleted,
  ];
  return { writes, events, result: retire };
}

/** One event for each digest, whichever of the releases names it first. */
function deletions(retire: readonly Retirement[]): readonly Event[] {
  const events = new Map<string, Event>();
  for (const { release, removed } of retire) {
    for (const { sha256, filename, size_bytes } of release.artifacts) {
      if (!removed.includes(sha256) || events.has(sha256)) continue;
      const metadata = { app: release.app_id, release_id: release.id, filename, size_bytes };
      events.set(sha256, { action: "artifact.deleted", target: ["artifact", sha256], metadata });
    }
  }
  return [...events.values()];
}

function tombstoneOf({ release, removed }: Retirement, act: Act): ReleaseTombstoneV1 {
  return {
    schema: "release-tombstone.v1",
    release_id: release.id,
    app_id: release.app_id,
    version: release.version,
    build: release.build,
    removed,
    retired_by: { ...act.actor },
    retired_at: act.at,
  };
}

interface Stored extends RemovableBytes {
  readonly location: Location;
}

function sizeOf(held: readonly HeldRelease[]): number {
  return held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Which of them this store holds, and where; a store of releases holds no bytes by themselves. */
async function storedAmong(
  facts: View,
  store: ArtifactStore,
  bytes: readonly RemovableBytes[],
): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  if (store.repository !== null) return found;
  for (const one of bytes) {
    const record = await facts.find("artifact.v1", artifactKey(one.sha256));
    const location = (await locationIn(store, record)) ?? unrecorded(one);
    if ((await store.stat(one.sha256, location)) !== null) found.push({ ...one, location });
  }
  return found;
}

/** What was given up before it was published has no record; a store of files needs none. */
function unrecorded({ filename }: RemovableBytes): Location {
  return { driver: "file", release_id: "", asset_id: null, asset_name: filename, url: null };
}

async function remove(facts: View, on: CleanupGround, bytes: readonly RemovableBytes[]): Promise<RemovedArtifact[]> {
  const stored = await storedAmong(facts, on.artifacts, bytes);
  if (stored.length === 0) return [];
  const task = on.log.task("remove files", stored.length);
  for (const [i, { sha256, location }] of stored.entries()) {
    await on.artifacts.remove(sha256, location);
    task.step(i + 1);
  }
  task.end();
  return stored.map(rowOf);
}

function rowOf({ sha256, sizeBytes, filename }: RemovableBytes): RemovedArtifact {
  return { sha256, size_bytes: sizeBytes, filename };
}

function resultOf(done: {
  readonly planned: boolean;
  readonly retire: readonly Retirement[];
  readonly kept: number;
  readonly removed: readonly RemovedArtifact[];
  readonly stagedBytes: number;
  readonly commit: Oid | null;
}): DistStoreCleanupResultV1 {
  return {
    schema: "dist-store-cleanup-result.v1",
    planned: done.planned,
    retired: done.retire.map(({ release: { id, app_id, version, build, artifacts } }) => ({
      app: app_id,
      release: { release_id: id, version, build },
      artifacts: artifacts.length,
    })),
    removed: done.removed,
    removed_bytes: done.removed.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
    staged_bytes: done.stagedBytes,
    kept: done.kept,
    commit: done.commit,
  };
}
