import { beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { isOid } from "../../../../src/kernel/oid.ts";
import { recordedRows } from "../../../../src/distribution/checks.ts";
import { sqlJsEngine } from "../../../../src/platform/sql-js.ts";
import type { Database } from "../../../../src/ports/sql.ts";
import { SNAPSHOT } from "../../../../src/state/branches.ts";
import { readCached, writeCore, writeHead } from "../../../../src/state/snapshot/cache.ts";
import { openSnapshot } from "../../../../src/state/snapshot/open.ts";
import { publishSnapshot } from "../../../../src/state/snapshot/publish.ts";
import { schemaOf } from "../../../../src/state/snapshot/schema.ts";
import { snapshotEquals } from "../../../../src/state/verify/snapshot-equals.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { appDocument, commitFiles } from "../../../support/facts.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";
import { eventFiles, type HonestWorld, honestHistory, rulesOf } from "../../../support/honest-history.ts";

let world: HonestWorld;

beforeEach(async () => {
  world = await honestHistory();
});

describe("a remembered walk", () => {
  test("is gone on from, says so, and is not used with --full", async () => {
    const first = await world.verify();
    expect(await world.verify()).toMatchObject({
      facts: { commits: first.facts!.commits, remembered: first.facts!.commits },
    });
    await world.write({ name: "app.v1", key: { slug: "more" }, document: appDocument("more") });
    const commits = first.facts!.commits + 1;
    expect(await world.verify()).toMatchObject({ status: "verified", facts: { commits, remembered: commits - 1 } });
    expect(await world.verify({ full: true })).toMatchObject({ facts: { commits, remembered: 0 } });
  });

  test.each([["tip-waybill-state.json"], ["tip-waybill-decisions.json"], ["verified"]])(
    "answers nothing where it cannot be put down: %s",
    async (name) => {
      const cache = memoryFolder();
      const full = {
        ...cache,
        write: async (path: string, content: Uint8Array) => {
          if (path.startsWith(name)) throw new ToolError("file.no_space", "the disk is full");
          await cache.write(path, content);
        },
      };
      await expect(world.verify({ ground: { cache: full } })).rejects.toMatchObject({ code: "file.no_space" });
      expect(await world.verify({ ground: { cache } })).toMatchObject({ status: "verified" });
    },
  );

  test("still finds what was broken after it, and remembers nothing of that", async () => {
    await world.verify();
    await commitFiles(world.store, { [world.paths.release]: null, ...eventFiles("aud_x") });
    for (const _ of [1, 2]) expect(rulesOf(await world.verify())).toEqual(["release.frozen"]);
  });

  test("does not count on another history", async () => {
    await world.verify();
    const other = await honestHistory();
    const result = await other.verify({ ground: { cache: world.ground.cache } });
    expect(result.facts?.remembered).toBe(0);
  });
});

test("a row of a published release without a record is missing", async () => {
  const result = await world.verify({ ending: [recordedRows] });
  expect(result.violations).toMatchObject([{ rule: "artifact.missing", path: world.paths.release }]);
  expect(isOid(result.violations[0]?.commit ?? "")).toBe(true);
});

describe("the published copy of a snapshot", () => {
  const ENDLESS = "CREATE VIEW apps AS WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT n FROM x";
  const changes: readonly (readonly [name: string, change: (database: Database) => void, tables: string])[] = [
    ["another row", (database) => database.run("UPDATE apps SET owner = 'Eve'"), "apps"],
    [
      "a view in the place of a table",
      (db) => ["DROP TABLE apps", ENDLESS].forEach((sql) => db.run(sql)),
      "its tables",
    ],
    ["a table more", (database) => database.run("CREATE TABLE more (a)"), "its tables"],
  ];

  /** Publishes a snapshot of the tips after a change, and verifies. */
  async function verified(change: (database: Database) => void, bytesOf = (database: Database) => database.bytes()) {
    const { ground } = world;
    const on = { ...ground, sql: sqlJsEngine(), version: "test", schemas: async () => ground.schemas };
    const decisions = () => loadDecisions(ground);
    const opened = await openSnapshot({ ...on, cache: memoryFolder(), decisions });
    const database = await on.sql.open(opened.database.bytes());
    change(database);
    // The tool digests what it publishes, which it knows to be its own.
    const published = { ...opened.database, bytes: () => bytesOf(database) };
    await publishSnapshot({ ...ground, sql: on.sql }, { ...opened, database: published }, world.act());
    database.close();
    const seen = { compared: 0, skipped: [] };
    const result = await world.verify({ ending: [snapshotEquals({ ...on, cache: memoryFolder(), decisions, seen })] });
    return { result, seen };
  }

  test("is compared, and taken where it is a true one", async () => {
    const { result, seen } = await verified(() => undefined);
    expect([result.status, seen]).toEqual(["verified", { compared: 1, skipped: [] }]);
  });

  test.each(changes)("is named with %s", async (_, change, tables) => {
    const { result } = await verified(change);
    const commit = await world.ground.store.head(SNAPSHOT);
    expect(result.violations).toMatchObject([{ rule: "snapshot.differs", commit, data: { tables: [tables] } }]);
  });

  test("is named where it is no database, and left alone where it is of other tips", async () => {
    const { result } = await verified(
      () => undefined,
      () => new TextEncoder().encode("no database"),
    );
    expect(result.violations).toMatchObject([{ rule: "snapshot.differs" }]);
    await world.write({ name: "app.v1", key: { slug: "more" }, document: appDocument("more") });
    const on = { ...world.ground, sql: sqlJsEngine(), version: "test", decisions: () => loadDecisions(world.ground) };
    const seen = { compared: 0, skipped: [] };
    expect((await world.verify({ ending: [snapshotEquals({ ...on, seen })] })).status).toBe("verified");
    expect(seen).toMatchObject({ compared: 0, skipped: [{ what: "snapshot.published" }] });
  });
});

test("a snapshot with other rows than the branches is named", async () => {
  const { ground } = world;
  const decisions = () => loadDecisions(ground);
  const on = { ...ground, sql: sqlJsEngine(), version: "test", schemas: async () => ground.schemas, decisions };
  const { database, asOf } = await openSnapshot(on);
  const bytes = database.bytes();
  database.close();
  const ending = [snapshotEquals(on)];
  expect((await world.verify({ ending })).status).toBe("verified");
  const poisoned = await on.sql.open(bytes);
  poisoned.run("UPDATE apps SET owner = 'Eve'");
  const key = { version: "test", schema: schemaOf(ground.kinds).digest, root: null };
  const stored = await readCached(ground.cache, key);
  const core = await writeCore(ground.cache, poisoned.bytes());
  await writeHead(ground.cache, key, { asOf, shards: [], steps: [], ...stored, core });
  expect((await world.verify({ ending })).violations).toMatchObject([
    { rule: "snapshot.differs", data: { tables: ["apps"] } },
  ]);
});
