import { beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../../../../src/kernel/errors.ts";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { openSnapshot } from "../../../../src/state/snapshot/open.ts";
import { querySnapshot } from "../../../../src/state/snapshot/query.ts";
import { appDocument, commitFiles, eventDocument, eventPath, printed } from "../../../support/facts.ts";
import { sealDay } from "../../../support/seal-day.ts";
import { snapshotWorld, type SnapshotWorld } from "../../../support/snapshot-world.ts";

const ALL = "SELECT id FROM audit_events ORDER BY created_at, id";
const NOW = "2026-07-01T00:00:00Z";
/** Ids in order of time; the last one is young. */
const ids = ["aud_1", "aud_2", "aud_3", "aud_4"];
const days = ["2026-01-05", "2026-01-06", "2026-02-01", "2026-06-30"];

let world: SnapshotWorld;

async function ask<T>(question: (snapshot: Awaited<ReturnType<typeof openSnapshot>>) => Promise<T> | T): Promise<T> {
  const snapshot = await openSnapshot(world.ground);
  try {
    return await question(snapshot);
  } finally {
    snapshot.database.close();
  }
}

const shards = () => ask(({ history }) => history.shards.map(({ month, rows }) => [month, rows["audit_events"]]));
const shardDigests = () => ask(({ history }) => history.shards.map(({ sha256 }) => sha256));
const all = () => ask(async (snapshot) => (await querySnapshot(snapshot, ALL, 100)).rows.map(([id]) => id));
const files = () => [...world.ground.cache.files.keys()].filter((name) => name.startsWith("snapshot"));
const shardFiles = () => files().filter((name) => /-\d{4}-\d{2}-/.test(name));

async function write(id: string, day: string, at = NOW): Promise<void> {
  const event = eventDocument(id, `${day}T00:00:00Z`);
  await commitFiles(world.store, { [eventPath(event)]: printed(event) }, STATE, at);
}

beforeEach(async () => {
  world = await snapshotWorld();
  for (const [i, id] of ids.entries()) await write(id, days[i] ?? "");
});

test("lies in a shard for each month that ended 90 days ago, and the core has the rest", async () => {
  expect(await shards()).toEqual([
    ["2026-01", 2],
    ["2026-02", 1],
  ]);
  expect(await ask(({ database }) => database.rows(ALL).rows)).toEqual([["aud_4"]]);
  expect(shardFiles()).toHaveLength(2);
});

test("is one table with the rest for a query that names it, however it spells it, and for no other", async () => {
  expect(await all()).toEqual(ids);
  const count = (sql: string) => ask(async (snapshot) => (await querySnapshot(snapshot, sql, 10)).rows);
  expect(await count('SELECT count(*) FROM "Audit_EVENTS"')).toEqual([[4]]);
  const left = await ask(async (snapshot) => {
    await querySnapshot(snapshot, "SELECT count(*) FROM apps", 10);
    return snapshot.history.rowsOf("audit_events");
  });
  expect(left).toBe(3);
});

test("is loaded a month after the other, newest first, from a time on", async () => {
  const found = await ask(async ({ database, history }) => {
    const steps = [];
    for (let there = await history.loadMonth("2026-01-31"); there; there = await history.loadMonth())
      steps.push(database.rows(ALL).rows.flat());
    return steps;
  });
  expect(found).toEqual([
    ["aud_1", "aud_2", "aud_4"],
    ["aud_1", "aud_2", "aud_3", "aud_4"],
  ]);
});

test("is not touched by what happens now: neither is the core written anew", async () => {
  await shards();
  const before = new Map(world.ground.cache.files);
  await commitFiles(world.store, { "dist/apps/notes/app.json": printed(appDocument("notes")) }, STATE, NOW);
  expect(await ask(({ database }) => database.rows("SELECT slug FROM apps").rows)).toEqual([["notes"]]);
  const changed = files().filter((name) => world.ground.cache.files.get(name) !== before.get(name));
  expect(changed).toEqual(["snapshot"]);
  world.asked.length = 0;
  expect(await ask(({ database }) => database.rows("SELECT slug FROM apps").rows)).toEqual([["notes"]]);
  expect(world.asked).toEqual([]);
  expect(await world.differs()).toEqual([]);
});

test("many changes are put into a new core, and the old one goes", async () => {
  await shards();
  const core = () => files().filter((name) => name.startsWith("snapshot-core-"));
  const [before] = core();
  for (let round = 0; core()[0] === before && round < 3; round += 1) {
    const apps = Array.from({ length: 150 }, (_, i) => `app-${round}-${i}`);
    const written = apps.map(
      (slug) => [`dist/apps/${slug}/app.json`, printed(appDocument(slug, "Ada".repeat(300)))] as const,
    );
    await commitFiles(world.store, Object.fromEntries(written), STATE, NOW);
    await shards();
  }
  expect(core()).toHaveLength(1);
  expect(core()).not.toContain(before);
  expect(shardFiles()).toHaveLength(2);
  expect(await world.differs()).toEqual([]);
});

test("has the same rows when a day is sealed, and changes with a document of its month only", async () => {
  const before = await shardDigests();
  await commitFiles(world.store, { "policy.json": "" }, DECISIONS);
  await sealDay(world.store, "audit/2026/01/05", NOW);
  expect(await shardDigests()).toEqual(before);
  await write("aud_late", "2026-02-02");
  const after = await shardDigests();
  expect([after[0] === before[0], after[1] === before[1]]).toEqual([true, false]);
  expect(await world.differs()).toEqual([]);
});

test("grows by a month as time goes by, and shrinks again before a clock that goes back", async () => {
  expect(await shards()).toHaveLength(2);
  await write("aud_5", "2026-10-01", "2026-10-01T00:00:00Z");
  expect(await shards()).toHaveLength(3);
  expect(await ask(({ database }) => database.rows(ALL).rows)).toEqual([["aud_5"]]);
  expect(await world.differs()).toEqual([]);
  await write("aud_6", "2026-10-02", "2026-10-02T00:00:00Z");
  const { store } = world;
  const back = async (oid: Oid) => ({ ...(await store.commit(oid)), at: "2026-04-30T00:00:00Z" });
  const { database, history } = await openSnapshot({ ...world.ground, store: { ...store, commit: back } });
  expect(history.shards).toEqual([]);
  expect(database.rows(ALL).rows).toHaveLength(6);
  database.close();
});

test("what is no document there is named by every command", async () => {
  await commitFiles(world.store, { "audit/2026/01/05/00/00/aud_bad.json": "{}" }, STATE, NOW);
  const warnings = () => ask((snapshot) => snapshot.warnings.map(({ data }) => data["path"]));
  expect(await warnings()).toEqual(["audit/2026/01/05/00/00/aud_bad.json"]);
  await commitFiles(world.store, { "audit/2026/01/05/00/00/aud_bad.json": null }, STATE, NOW);
  expect(await warnings()).toEqual([]);
});

describe("a shard that is of no use", () => {
  const damage: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array | null])[] = [
    ["is gone", () => null],
    ["is empty", () => new Uint8Array()],
    ["is cut short", (bytes) => bytes.subarray(0, 5000)],
    ["has a wrong byte", (bytes) => bytes.map((byte, i) => (i === 4200 ? byte ^ 1 : byte))],
    ["is of another month", () => world.ground.cache.files.get(shardFiles()[1] ?? "") ?? null],
  ];

  test.each(damage)("because it %s is read from the branch anew", async (_, change) => {
    await shards();
    const [name = ""] = shardFiles();
    const bytes = change(world.ground.cache.files.get(name) ?? new Uint8Array());
    if (bytes === null) world.ground.cache.files.delete(name);
    else world.ground.cache.files.set(name, bytes);
    expect(await all()).toEqual(ids);
    world.asked.length = 0;
    expect(await all()).toEqual(ids);
    expect(world.asked).toEqual([]);
  });

  test("because nothing can be stored is kept in memory for as long as it is asked", async () => {
    const full = async (name: string, content: Uint8Array) => {
      if (name.startsWith("snapshot")) throw new ToolError("file.no_space", "This disk is full");
      await world.ground.cache.write(name, content);
    };
    const cache = { ...world.ground.cache, write: full };
    const snapshot = await openSnapshot({ ...world.ground, cache });
    const { rows } = await querySnapshot(snapshot, ALL, 100);
    snapshot.database.close();
    expect(rows.flat()).toEqual(ids);
  });
});

test("two processes at once, of which one replaces what the other was about to read, both answer", async () => {
  await shards();
  const { cache } = world.ground;
  const old = cache.files.get("snapshot");
  let isFirst = true;
  const racing = {
    ...cache,
    async read(name: string) {
      if (name !== "snapshot" || !isFirst || old === undefined) return cache.read(name);
      isFirst = false;
      // The other one wrote a new core, removed this one, and named the new one.
      const [core = ""] = files().filter((one) => one.startsWith("snapshot-core-"));
      const bytes = cache.files.get(core);
      cache.files.delete(core);
      await openSnapshot({ ...world.ground }).then(({ database }) => database.close());
      expect(bytes).toBeDefined();
      return old;
    },
  };
  const snapshot = await openSnapshot({ ...world.ground, cache: racing });
  expect((await querySnapshot(snapshot, ALL, 100)).rows.flat()).toEqual(ids);
  snapshot.database.close();
});
