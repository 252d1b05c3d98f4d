import { randomBytes } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { sqlJsEngine } from "../../../../src/platform/sql-js.ts";
import type { Database } from "../../../../src/ports/sql.ts";
import { SNAPSHOT, STATE } from "../../../../src/state/branches.ts";
import { openSnapshot, type Snapshot } from "../../../../src/state/snapshot/open.ts";
import { publishSnapshot } from "../../../../src/state/snapshot/publish.ts";
import type { Report, Walk } from "../../../../src/state/verify/check.ts";
import { snapshotEquals } from "../../../../src/state/verify/snapshot-equals.ts";
import { appDocument, commitFiles, eventDocument, eventPath, printed, schemas } from "../../../support/facts.ts";
import { testAct } from "../../../support/git-repo.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";
import { snapshotWorld, type SnapshotWorld } from "../../../support/snapshot-world.ts";

const sql = sqlJsEngine();
const NOW = "2026-07-01T00:00:00Z";
let world: SnapshotWorld;

beforeEach(async () => {
  world = await snapshotWorld();
  for (const [i, day] of ["2026-01-05", "2026-02-01", "2026-06-30"].entries()) {
    const event = eventDocument(`aud_${i}`, `${day}T00:00:00Z`);
    await commitFiles(world.store, { [eventPath(event)]: printed(event) }, STATE, NOW);
  }
});

/** What the check says of the tips: the tables that it names, and how much it compared. */
async function checked(cache = memoryFolder()) {
  const { store, ground } = world;
  const tip: Oid = (await store.head(STATE)) ?? world.root;
  const named: unknown[] = [];
  const report: Report = ({ data }) => void named.push(data?.["tables"]);
  const from = { after: null, first: null, isCut: false, counts: {} };
  const walk: Walk = { ...from, ground: { store, kinds: ground.kinds, schemas }, tip, report };
  const seen = { compared: 0, skipped: [] };
  const on = { sql, cache, version: ground.version, decisions: async () => null, seen };
  const watch = await snapshotEquals(on).begin(walk);
  await watch.finish?.();
  return { named, compared: seen.compared };
}

type Month = Awaited<ReturnType<Snapshot["history"]["bytes"]>>[number];

/** Publishes a snapshot with other shards than the true ones. */
async function publish(
  change: (shards: readonly Month[]) => Promise<readonly Month[]> | readonly Month[],
): Promise<void> {
  const opened = await openSnapshot({ ...world.ground, cache: memoryFolder() });
  const shards = await change(await opened.history.bytes());
  const about = shards.map(({ month, bytes }) => ({ month, rows: {}, size_bytes: bytes.length, sha256: "" }));
  // What is published is digested first, which true ones let it be.
  const given = [await opened.history.bytes(), shards];
  const history = { ...opened.history, shards: about, bytes: async () => given.shift() ?? shards };
  await publishSnapshot({ ...world.ground, sql }, { ...opened, history }, testAct("publish", NOW));
  opened.database.close();
}

async function changed({ month, bytes }: Month, change: (database: Database) => void): Promise<Month> {
  const database = await sql.open(bytes);
  change(database);
  const after = { month, bytes: database.bytes() };
  database.close();
  return after;
}

test("takes a published copy with its shards, and the cache with its shards and with steps, for what they are", async () => {
  await publish((shards) => shards);
  const { cache } = world.ground;
  (await openSnapshot(world.ground)).database.close();
  expect(await checked(cache)).toEqual({ named: [], compared: 2 });
  await commitFiles(world.store, { "dist/apps/notes/app.json": printed(appDocument("notes")) }, STATE, NOW);
  (await openSnapshot(world.ground)).database.close();
  expect(await checked(cache)).toEqual({ named: [], compared: 1 });
});

test("names the month of a published shard that says something else, has other tables, or is not there", async () => {
  const eve = "UPDATE audit_events SET actor_name = 'Eve'";
  await publish(async ([first, ...rest]) => [await changed(first!, (database) => database.run(eve)), ...rest]);
  expect((await checked()).named).toEqual([["audit_events 2026-01"]]);
  await publish(async ([first, second]) => [first!, await changed(second!, (db) => db.run("CREATE TABLE more (a)"))]);
  expect((await checked()).named).toEqual([["the tables of 2026-02"]]);
});

test("names a published shard that is gone, one of no month of ours, and what is no database", async () => {
  await publish(([first]) => [first!]);
  expect((await checked()).named).toEqual([["audit_events 2026-02"]]);
  await publish((shards) => [...shards, { ...shards[0]!, month: "2020-01" }]);
  expect((await checked()).named).toEqual([["audit_events 2020-01"]]);
  await publish(([first, second]) => [first!, { ...second!, bytes: new TextEncoder().encode("x".repeat(9000)) }]);
  expect((await checked()).named).toEqual([["2026-02, which is no database"]]);
});

test("compares a published copy of more than one megabyte, in parts that a forge takes", async () => {
  const owner = () => randomBytes(950).toString("hex");
  const apps: readonly (readonly [string, Uint8Array])[] = Array.from({ length: 700 }, (_, i) => [
    `dist/apps/a-${i}/app.json`,
    printed(appDocument(`a-${i}`, owner())),
  ]);
  await commitFiles(world.store, Object.fromEntries(apps), STATE, NOW);
  await publish((shards) => shards);
  const head = (await world.store.head(SNAPSHOT))!;
  const sizes = [];
  for await (const { after } of world.store.diff(null, head))
    for await (const some of world.store.blobs([[after!]])) sizes.push(...some.map(({ bytes }) => bytes.length));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(1024 * 1024);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(512 * 1024);
  expect(await checked()).toEqual({ named: [], compared: 1 });
});
