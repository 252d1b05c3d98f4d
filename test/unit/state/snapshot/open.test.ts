import { beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { createMemoryGitStore } from "../../../../src/platform/memory/git-store.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import type { DecidedView } from "../../../../src/state/snapshot/decided-view.ts";
import { openSnapshot } from "../../../../src/state/snapshot/open.ts";
import { decidedView } from "../../../support/decided-view.ts";
import {
  appDocument,
  commitFiles,
  eventDocument,
  eventPath,
  pointerDocument,
  policyDocument,
  printed,
  releaseDocument,
  scope,
} from "../../../support/facts.ts";
import type { MemoryFolder } from "../../../support/memory-folder.ts";
import { snapshotWorld, type SnapshotWorld } from "../../../support/snapshot-world.ts";

let world: SnapshotWorld;

beforeEach(async () => {
  world = await snapshotWorld();
});

const release = (app: string, version: string) => `dist/apps/${app}/releases/${version}.json`;

test("holds a row for each document, with the digest of its bytes", async () => {
  const event = eventDocument("aud_1");
  await commitFiles(world.store, {
    "dist/apps/notes/app.json": printed(appDocument("notes")),
    [release("notes", "1.0.0")]: printed(releaseDocument("notes", "1.0.0")),
    [eventPath(event)]: printed(event),
  });
  expect(await world.query("SELECT slug, owner FROM apps")).toEqual([["notes", "Ada"]]);
  expect(await world.query("SELECT version, length(sha256) FROM releases")).toEqual([["1.0.0", 64]]);
  expect(await world.query("SELECT id, action FROM audit_events")).toEqual([["aud_1", "app.created"]]);
  expect(await world.query("SELECT value FROM meta WHERE key = 'state'")).toEqual([[await world.store.head(STATE)]]);
});

test("is opened warm without schemas, decisions or a read of any object", async () => {
  await world.query("SELECT 1");
  world.asked.length = 0;
  const closed: GitStore = {
    ...world.store,
    diff: () => fail(),
    commit: () => fail(),
    blobs: () => fail(),
    read: () => fail(),
  };
  const { database, asOf } = await openSnapshot({ ...world.ground, store: closed });
  database.close();
  expect(world.asked).toEqual([]);
  expect(asOf).toMatchObject({ state: world.root, decisions: null });
});

test("takes a folder or a link in the place of a file of the cache for damage", async () => {
  await world.query("SELECT 1");
  const { cache } = world.ground;
  const read = async (name: string) => {
    if (name.startsWith("snapshot")) throw new ToolError("file.not_regular", `${name} is no regular file`);
    return cache.read(name);
  };
  const { database, asOf } = await openSnapshot({ ...world.ground, cache: { ...cache, read } });
  database.close();
  expect(asOf.state).toBe(world.root);
});

function readOnly(folder: MemoryFolder): MemoryFolder {
  return { ...folder, write: () => Promise.reject(new ToolError("file.read_only", "This disk is read-only")) };
}

function fail(): never {
  throw new Error("This is not read");
}

test("reads only what changed when it is brought up to date", async () => {
  await commitFiles(world.store, {
    [release("notes", "1.0.0")]: printed(releaseDocument("notes", "1.0.0", { status: "draft" })),
  });
  await world.query("SELECT 1");
  await commitFiles(world.store, { [release("notes", "1.0.0")]: printed(releaseDocument("notes", "1.0.0")) });
  const read: number[] = [];
  const watched: GitStore = {
    ...world.store,
    async *blobs(oids) {
      for await (const some of world.store.blobs(oids)) {
        read.push(some.length);
        yield some;
      }
    },
  };
  const { database } = await openSnapshot({ ...world.ground, store: watched });
  expect(database.rows("SELECT status FROM releases").rows).toEqual([["published"]]);
  database.close();
  expect(read).toEqual([1, 1]);
});

test("takes gated pointers from decisions only, whatever a fact claims", async () => {
  const forged = pointerDocument("notes", "stable", "rel_forged");
  const auto = pointerDocument("notes", "beta", "rel_2");
  await commitFiles(world.store, {
    "dist/apps/notes/channels/stable.json": printed(forged),
    "dist/apps/notes/channels/beta.json": printed(auto),
  });
  await world.decide(["stable"], [pointerDocument("notes", "stable", "rel_1")]);
  const rows = "SELECT name, release, grade FROM channels ORDER BY name";
  expect(await world.query(rows)).toEqual([
    ["beta", "rel_2", null],
    ["stable", "rel_1", "signed"],
  ]);
  await world.decide(["beta"], []);
  expect(await world.query(rows)).toEqual([["stable", "rel_forged", null]]);
  expect(await world.differs()).toEqual([]);
});

test("lists merged proposals and those that changed nothing", async () => {
  const bad = {
    commit: world.root,
    at: "2026-01-03T00:00:00Z",
    paths: ["policy.json"],
    proposalId: "prop_bad",
    condition: "approvals",
    message: "1 of 2 approvals",
  };
  await world.decide(["stable"], [pointerDocument("notes", "stable", "rel_1")], { dishonoured: [bad] });
  expect(await world.query("SELECT path, status, condition FROM proposals ORDER BY path")).toEqual([
    ["channels/notes/stable.json", "in_force", null],
    ["policy.json", "not_honoured", "approvals"],
  ]);
});

test("notices that evidence among facts has put a pending merge into force, although the decisions stand where they stood", async () => {
  const late = {
    commit: world.root,
    at: "2026-01-03T00:00:00Z",
    paths: ["channels/notes/stable.json"],
    proposalId: "prop_late",
    condition: "proof",
    message: "no proof yet",
  };
  const decidedLate = decidedView(world.root, world.root, policyDocument(["stable"]), []);
  const standing = () => ({ commit: late.commit });
  let view: DecidedView = { ...decidedLate, pending: [late], standing };
  const ground = { ...world.ground, decisions: async () => view };
  const query = async (text: string) => {
    const { database } = await openSnapshot(ground);
    const { rows } = database.rows(text);
    database.close();
    return rows;
  };
  await commitFiles(world.store, { "policy.json": "" }, DECISIONS);
  view = { ...view, tip: (await world.store.head(DECISIONS)) ?? world.root };
  expect(await query("SELECT proposal_id, status, standing FROM proposals")).toEqual([["prop_late", "pending", 1]]);
  await commitFiles(world.store, { "dist/apps/notes/app.json": printed(appDocument("notes")) });
  view = {
    ...decidedView(view.tip, view.root, policyDocument(["stable"]), [pointerDocument("notes", "stable", "rel_1")]),
  };
  expect(await query("SELECT status FROM proposals")).toEqual([["in_force"]]);
  expect(await query("SELECT release FROM channels")).toEqual([["rel_1"]]);
});

describe("documents that are none", () => {
  const bad = new Map<string, string | Uint8Array>([
    ["dist/apps/notes/app.json", "{}"],
    ["dist/apps/other/app.json", printed(appDocument("elsewhere"))],
    [release("notes", "2.0.0"), "\u0000\u00ff"],
    [release("notes", "3.0.0"), '{"a":1,"a":2}'],
  ]);

  test("are skipped and named, and the rest is there", async () => {
    await commitFiles(world.store, { [release("notes", "1.0.0")]: printed(releaseDocument("notes", "1.0.0")) });
    await commitFiles(world.store, Object.fromEntries(bad));
    const { database, warnings } = await openSnapshot(world.ground);
    expect(database.rows("SELECT count(*) FROM releases").rows).toEqual([[1]]);
    expect(database.rows("SELECT count(*) FROM apps").rows).toEqual([[0]]);
    expect(database.rows("SELECT path FROM problems").rows).toEqual([...bad.keys()].toSorted().map((path) => [path]));
    database.close();
    const [first, second, third] = [...bad.keys()].toSorted();
    expect(warnings.map(({ code, data }) => [code, data["path"]])).toEqual([
      ["state.document.invalid", first],
      ["state.document.invalid", second],
      ["state.document.invalid", third],
      ["state.document.invalid", undefined],
    ]);
    await commitFiles(world.store, Object.fromEntries([...bad.keys()].map((path) => [path, null])));
    expect(await world.query("SELECT * FROM problems")).toEqual([]);
  });

  test("two that meet in one row are named, and the first path keeps it", async () => {
    await commitFiles(world.store, {
      [release("notes", "2.0.0")]: printed(releaseDocument("notes", "2.0.0", { id: "rel_x" })),
    });
    await world.query("SELECT 1");
    await commitFiles(world.store, {
      [release("notes", "1.0.0")]: printed(releaseDocument("notes", "1.0.0", { id: "rel_x" })),
    });
    expect(await world.query("SELECT version FROM releases")).toEqual([["1.0.0"]]);
    expect(await world.query("SELECT path, code FROM problems")).toEqual([
      [release("notes", "2.0.0"), "snapshot.row_taken"],
    ]);
    await commitFiles(world.store, { [release("notes", "1.0.0")]: null });
    expect(await world.query("SELECT version FROM releases")).toEqual([["2.0.0"]]);
  });
});

describe("a cached snapshot is not used", () => {
  const apps = async () => world.query("SELECT slug FROM apps");

  beforeEach(async () => {
    await commitFiles(world.store, { "dist/apps/notes/app.json": printed(appDocument("notes")) });
    await apps();
    world.asked.length = 0;
  });

  test("when a byte of it is wrong, wherever it is", async () => {
    const whole = world.ground.cache.files.get("snapshot")!;
    for (const at of [5, 300, 600, 5000, whole.length - 10]) {
      const poisoned = Uint8Array.from(whole);
      poisoned[at] = (poisoned[at] ?? 0) ^ 0x20;
      world.ground.cache.files.set("snapshot", poisoned);
      expect(await apps()).toEqual([["notes"]]);
    }
    expect(world.asked.filter((name) => name === "schemas").length).toBeGreaterThan(2);
  });

  test("when it is cut short, empty, or no snapshot at all", async () => {
    const whole = world.ground.cache.files.get("snapshot")!;
    for (const bytes of [whole.subarray(0, 900), new Uint8Array(), Buffer.from("x\n"), Buffer.from('{"asOf":1}\n')]) {
      world.ground.cache.files.set("snapshot", bytes);
      expect(await apps()).toEqual([["notes"]]);
    }
  });

  test("when another version of the tool or another root is asked for", async () => {
    const { database } = await openSnapshot({ ...world.ground, version: "1.0.1" });
    database.close();
    expect(world.asked).toContain("schemas");
    world.asked.length = 0;
    const other = await openSnapshot({ ...world.ground, version: "1.0.1", root: world.root });
    other.database.close();
    expect(world.asked).toContain("decisions");
  });

  test("when its tip is not in this repository", async () => {
    const elsewhere = createMemoryGitStore();
    await commitFiles(elsewhere, { "state.json": printed(scope), "dist/apps/x/app.json": printed(appDocument("x")) });
    const other = { ...world.ground, store: elsewhere };
    await expect(openSnapshot(other)).rejects.toMatchObject({ code: "state.ref.rewound" });
    world.ground.cache.files.delete("tip-waybill-state.json");
    const { database } = await openSnapshot(other);
    expect(database.rows("SELECT slug FROM apps").rows).toEqual([["x"]]);
    database.close();
  });

  test("and one that cannot be kept still answers", async () => {
    const { database } = await openSnapshot({
      ...world.ground,
      version: "2",
      cache: readOnly(world.ground.cache),
    });
    expect(database.rows("SELECT slug FROM apps").rows).toEqual([["notes"]]);
    database.close();
  });
});

test("without facts the error says how to begin", async () => {
  await expect(openSnapshot({ ...world.ground, store: createMemoryGitStore() })).rejects.toMatchObject({
    code: "state.branch.missing",
  });
});
