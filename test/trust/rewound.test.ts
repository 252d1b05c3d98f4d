import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Oid } from "../../src/kernel/oid.ts";
import { loadDecisions } from "../../src/gate/view/view.ts";
import { sqlJsEngine } from "../../src/platform/sql-js.ts";
import type { Folder } from "../../src/ports/files.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { openSnapshot } from "../../src/state/snapshot/open.ts";
import { openState, transact } from "../../src/state/transact.ts";
import { appDocument } from "../support/facts.ts";
import { decide } from "../support/gate-steps.ts";
import { honestHistory, type HonestWorld } from "../support/honest-history.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { DRIVER_NAMES, type Driven, makeDrivers } from "./drivers.ts";
import { planter } from "./plant.ts";

let world: HonestWorld;
/** Another history of the same form, made by somebody else. */
let other: HonestWorld;
let drivers: readonly Driven[];
let tips: { readonly state: Oid; readonly decisions: Oid };

beforeAll(async () => {
  [world, other] = await Promise.all([honestHistory(), honestHistory()]);
  drivers = await makeDrivers();
  for (let i = 0; i < 100; i += 1)
    await world.write({ name: "app.v1", key: { slug: "notes" }, document: appDocument("notes", `Ada ${i}`) });
  await decide(world, "2.0.0");
  tips = { state: world.repository.branches.get(STATE)!, decisions: world.repository.branches.get(DECISIONS)! };
}, 60_000);

afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.close()));
});

async function back(branch: string, steps: number): Promise<Oid> {
  let at = world.repository.branches.get(branch)!;
  for (let i = 0; i < steps; i += 1) at = (await world.store.commit(at)).parents[0]!;
  return at;
}

/** Commands of a person with a memory: what each refuses with. */
async function refusals(store: GitStore, cache: Folder): Promise<readonly string[]> {
  const ground = { ...world.ground, store, cache };
  const { kinds, schemas } = world.ground;
  const told = { schemas: async () => schemas, decisions: async () => null, version: "test" };
  const attempts: readonly (() => Promise<unknown>)[] = [
    () => loadDecisions(ground),
    () => openState(ground),
    () => openSnapshot({ ...told, store, kinds, sql: sqlJsEngine(), cache, root: null }),
    () =>
      transact(
        ground,
        world.act(),
        async () => null,
        () => ({ writes: [], events: [], result: null }),
      ),
  ];
  const codes: string[] = [];
  for (const attempt of attempts)
    codes.push(
      await attempt().then(
        () => "none",
        (cause: unknown) => (cause instanceof Error && "code" in cause ? String(cause.code) : "?"),
      ),
    );
  return codes;
}

const REWOUND = "state.ref.rewound";

describe.each(DRIVER_NAMES)("a branch that went back: %s", (name) => {
  const driven = (): Driven => drivers.find((one) => one.name === name)!;

  /** A memory of somebody who was here at the tips. */
  async function memory(): Promise<Folder> {
    const cache = memoryFolder();
    const store = await driven().load({
      ...world.repository,
      branches: new Map([
        [STATE, tips.state],
        [DECISIONS, tips.decisions],
      ]),
    });
    expect(await refusals(store, cache)).toEqual(["none", "none", "none", "none"]);
    return cache;
  }

  it.each<[string, string, () => Promise<Oid>, readonly string[]]>([
    ["facts by one", STATE, () => back(STATE, 1), [REWOUND, REWOUND, REWOUND, REWOUND]],
    ["facts by a hundred", STATE, () => back(STATE, 100), [REWOUND, REWOUND, REWOUND, REWOUND]],
    [
      "facts by one and on by as many",
      STATE,
      async () => {
        const plant = planter(world.repository);
        const parent = await back(STATE, 1);
        return plant.commit(plant.treeOfCommit(parent), [parent]);
      },
      [REWOUND, REWOUND, REWOUND, REWOUND],
    ],
    ["decisions by one", DECISIONS, () => back(DECISIONS, 1), [REWOUND, "none", REWOUND, "none"]],
  ])("%s: refused by whoever has seen more, and named with both commits", async (_what, branch, to, codes) => {
    const cache = await memory();
    const commit = await to();
    const branches = new Map([
      [STATE, tips.state],
      [DECISIONS, tips.decisions],
      [branch, commit],
    ]);
    const store = await driven().load({ ...world.repository, branches });
    expect(await refusals(store, cache)).toEqual(codes);
    const { violations } = await world.verify({ ground: { store, cache } });
    const found = violations.filter(({ rule }) => rule === REWOUND);
    const remembered = expect.objectContaining({ commit: branch === STATE ? tips.state : tips.decisions }) as unknown;
    expect(found).toMatchObject([{ branch, commit, data: { remembered, found: { commit } } }]);
  });

  it("both to what once was: seen by whoever has seen more, and not by a machine that was never here", async () => {
    const cache = await memory();
    const branches = new Map([
      [STATE, await back(STATE, 104)],
      [DECISIONS, await back(DECISIONS, 1)],
    ]);
    const store = await driven().load({ ...world.repository, branches });
    expect(await refusals(store, cache)).toEqual([REWOUND, REWOUND, REWOUND, REWOUND]);
    const { violations } = await world.verify({ ground: { store, cache } });
    expect(violations.map(({ rule, branch }) => [rule, branch])).toEqual([
      [REWOUND, STATE],
      [REWOUND, DECISIONS],
    ]);
    // What the documentation says: without a memory or a checkpoint there is nothing to find.
    expect(await world.verify({ ground: { store, cache: memoryFolder() } })).toMatchObject({
      status: "verified",
      violations: [],
    });
  });

  it("facts to before what a decision has seen: found by anybody", async () => {
    const branches = new Map([
      [STATE, await back(STATE, 104)],
      [DECISIONS, tips.decisions],
    ]);
    const store = await driven().load({ ...world.repository, branches });
    const { violations } = await world.verify({ ground: { store, cache: memoryFolder() } });
    expect(violations).toMatchObject([{ rule: "decision.seen_false", branch: DECISIONS, commit: tips.decisions }]);
  });

  it("deleted, and made again as another history: refused by whoever was here, and by whoever is told the root", async () => {
    const cache = await memory();
    const root = (await loadDecisions({ ...world.ground, cache: memoryFolder() })).root;
    const store = await driven().load(other.repository);
    expect(await refusals(store, cache)).toEqual([REWOUND, REWOUND, REWOUND, REWOUND]);
    const rules = async (on: Partial<HonestWorld["ground"]>) =>
      (await other.verify({ ground: { store, ...on } })).violations.map(({ rule }) => rule);
    expect(await rules({ cache })).toEqual([REWOUND, REWOUND, "root.mismatch"]);
    expect(await rules({ cache: memoryFolder(), root })).toEqual(["root.mismatch"]);
    await expect(loadDecisions({ ...other.ground, store, cache: memoryFolder(), root })).rejects.toMatchObject({
      code: "state.root.mismatch",
    });
    // A memory of the root alone, as it is after the tips were forgotten.
    const pinned = memoryFolder();
    await pinned.write("root.json", (await cache.read("root.json"))!);
    await expect(loadDecisions({ ...other.ground, store, cache: pinned })).rejects.toMatchObject({
      code: "state.root.mismatch",
    });
    expect(await other.verify({ ground: { store, cache: memoryFolder() } })).toMatchObject({ status: "verified" });
  });
});
