import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDecisions } from "../../src/gate/view/view.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { appDocument, printed } from "../support/facts.ts";
import { honestHistory, type HonestWorld } from "../support/honest-history.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { type Driven, makeDrivers, READER_NAMES } from "./drivers.ts";
import { type Planted, planter } from "./plant.ts";
import { findings, rowsOf } from "./reading.ts";

let world: HonestWorld;
let drivers: readonly Driven[];
let honest: ReadonlyMap<string, Oid>;
let plant: ReturnType<typeof planter>;

beforeAll(async () => {
  world = await honestHistory();
  honest = new Map(world.repository.branches);
  drivers = await makeDrivers();
  plant = planter(world.repository);
}, 60_000);

afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.close()));
});

/** A folder that holds one folder many times, so many levels deep: few bytes, and `width ** depth` paths. */
function bomb(width: number, depth: number): Planted {
  const blob = plant.blob("{}\n");
  const names = Array.from({ length: width }, (_, i) => `n${String(i).padStart(3, "0")}.json`);
  let tree = plant.tree(names.map((name) => ({ name, raw: null, mode: "100644", oid: blob })));
  for (let level = 1; level < depth; level += 1) {
    const oid = tree;
    tree = plant.tree(names.map((name) => ({ name, raw: null, mode: "40000", oid })));
  }
  return { mode: "40000", oid: tree };
}

/** An app whose text is padded to a size, in every other way a document. */
function appOf(sizeBytes: number): Uint8Array {
  const text = Buffer.from(printed(appDocument("large"))).toString();
  return Buffer.from(text.replace('"owner": "Ada"', `"owner": "${"a".repeat(sizeBytes)}"`));
}

/** What is larger than any reader takes: path, what is there, and the rule that names it with its path or null. */
const monsters: Readonly<Record<string, () => readonly [path: string, what: Planted, rule: string, named: boolean]>> = {
  "10,000,000 paths of a folder": () => ["audit/2026", bomb(10, 7), "tree.bounded", false],
  "1,000,000,000,000 paths of a folder": () => ["dist/apps/bomb", bomb(100, 6), "tree.bounded", false],
  "a folder of 1,000,000 entries": () => {
    const entry = Buffer.concat([Buffer.from("100644 0000000.json\0"), Buffer.from(plant.blob("{}\n"), "hex")]);
    const wide = Buffer.concat(Array.from({ length: 1_000_000 }, () => entry));
    for (let i = 0; i < 1_000_000; i += 1) wide.write(String(i).padStart(7, "0"), i * entry.length + 7);
    return ["dist/apps/wide", { mode: "40000", oid: plant.put("tree", wide) }, "tree.bounded", false];
  },
  "a folder of 50,001 entries": () => {
    const oid = plant.blob("{}\n");
    const entries = Array.from({ length: 50_001 }, (_, i) => ({ name: `${i}`, raw: null, mode: "100644", oid }));
    return ["dist/apps/wide", { mode: "40000", oid: plant.tree(entries) }, "tree.bounded", false];
  },
  "a path of 20 names": () => [`dist/apps/deep${"/d".repeat(16)}/x`, "{}\n", "tree.bounded", false],
  "a document of 100 MB": () => ["dist/apps/large/app.json", new Uint8Array(100_000_000), "tree.bounded", true],
  "a document of 1.5 MB": () => ["dist/apps/large/app.json", appOf(1_500_000), "tree.bounded", true],
  "JSON of depth 500,000": () => [
    "dist/apps/deep/app.json",
    `${"[".repeat(500_000)}${"]".repeat(500_000)}`,
    "document.canonical",
    true,
  ],
  "JSON of depth 65": () => [
    "dist/apps/deep/app.json",
    `{\n  "a": ${"[".repeat(65)}${"]".repeat(65)}\n}\n`,
    "document.canonical",
    true,
  ],
};

// Both mirrors are one driver behind what was fetched; one of them is enough for what is this large.
describe.each(READER_NAMES.filter((name) => !["native file mirror", "portable"].includes(name)))(
  "more than any reader takes: %s",
  (name) => {
    const driven = (): Driven => drivers.find((one) => one.name === name)!;
    // A walk of four million paths is measured once, in memory; here the bound is lower, so that twenty of them are quick.
    const limits = { visits: 20_000 };

    // GitHub answers no question about a folder of a million entries, and the stand-in takes a minute for it.
    const these = Object.keys(monsters).filter((what) => name !== "forge" || what !== "a folder of 1,000,000 entries");

    it.each(these)(
      "%s: named among facts, of no effect on decisions, and the next question is answered",
      async (what) => {
        const [path, planted, rule, named] = monsters[what]!();
        const branches = new Map(honest);
        const repository = { ...world.repository, branches };
        const mine = planter(repository);
        const [state, decisions] = [STATE, DECISIONS].map((branch) => mine.push(branch, { [path]: planted }));
        const store = await driven().load(repository, limits);
        const found = await findings(world, store);
        expect(found).toContain(`${rule} ${state} ${named ? path : null}`);
        expect(found.some((line) => line.startsWith(`decision.conforming ${decisions} `))).toBe(true);
        const [app] = await store.read(state!, ["dist/apps/notes/app.json"]);
        expect(app).toMatchObject({ oid: plant.blob(printed(appDocument("notes"))) });
        if (!named) return;
        const after = await rowsOf(world, store);
        expect(after).toEqual(await rowsOf(world, await driven().load({ ...repository, branches: new Map(honest) })));
      },
    );
  },
);

/** More than any walk visits, where no document can lie. */
const junk: Readonly<Record<string, () => Readonly<Record<string, Planted>>>> = {
  "a path of 20 names in a folder that nobody knows": () => ({ [`zzz${"/d".repeat(18)}/x`]: "{}\n" }),
  "10,000,000 paths in a folder that nobody knows": () => ({ zzz: bomb(10, 7) }),
  "folders where documents are files": () => ({
    [`dist/apps/notes/zzz${"/d".repeat(15)}/x`]: "{}\n",
    "dist/apps/bomb/app.json": bomb(10, 6),
    "channels/zzz": bomb(100, 3),
    "policy.json": bomb(10, 7),
  }),
};

// What is not entered is not there for a reader, so every driver has to agree in it.
describe.each(["memory", "native", "forge"] as const)("junk where no document can lie: %s", (name) => {
  it.each(Object.keys(junk))("%s: readers answer as if it were not there, and verify names it", async (what) => {
    const driven = drivers.find((one) => one.name === name)!;
    const branches = new Map(honest);
    const repository = { ...world.repository, branches };
    const { "policy.json": policy = null, ...files } = junk[what]!();
    const mine = planter(repository);
    const state = mine.push(STATE, files);
    const changed = "channels/zzzz/stable.json";
    const others = policy === null ? {} : { "policy.json": policy };
    const decisions = mine.push(DECISIONS, { ...files, ...others, [changed]: "{}\n" });
    const store = await driven.load(repository, { visits: 5000 });
    const after = await rowsOf(world, store);
    expect(await rowsOf(world, store, honest.get(STATE))).toEqual(after);
    const { dishonoured } = await loadDecisions({ ...world.ground, store, cache: memoryFolder() });
    expect(dishonoured).toMatchObject([{ commit: decisions, paths: [changed, ...Object.keys(others)] }]);
    const found = await findings(world, store);
    expect(found).toContain(`tree.bounded ${state} null`);
    expect(found.some((line) => line.startsWith(`decision.conforming ${decisions} `))).toBe(true);
    expect(after).toEqual(await rowsOf(world, await driven.load({ ...repository, branches: new Map(honest) })));
  });
});

it("a bomb is named within the bounds that readers have", async () => {
  const repository = { ...world.repository, branches: new Map(honest) };
  const state = planter(repository).push(STATE, { audit: bomb(10, 7) });
  expect(await findings(world, await drivers[0]!.load(repository))).toContain(`tree.bounded ${state} null`);
});

it.each(["native", "forge"])("a bomb where pointers may lie is one merge in vain: %s", async (name) => {
  const driven = drivers.find((one) => one.name === name)!;
  const oid = plant.blob("{}\n");
  const names = Array.from({ length: 1000 }, (_, i) => `n${String(i).padStart(4, "0")}`);
  const pointers = plant.tree(names.map((one) => ({ name: `${one}.json`, raw: null, mode: "100644", oid })));
  const apps = plant.tree(names.map((one) => ({ name: one, raw: null, mode: "40000", oid: pointers })));
  const repository = { ...world.repository, branches: new Map(honest) };
  const decisions = planter(repository).push(DECISIONS, { channels: { mode: "40000", oid: apps } });
  const store = await driven.load(repository, { visits: 20_000 });
  const { dishonoured } = await loadDecisions({ ...world.ground, store, cache: memoryFolder() });
  expect(dishonoured.map(({ commit }) => commit)).toEqual([decisions]);
  expect(await findings(world, store)).toContain("violated");
  const after = await rowsOf(world, store);
  expect(after).toEqual(await rowsOf(world, await driven.load({ ...repository, branches: new Map(honest) })));
});
