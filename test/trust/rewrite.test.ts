import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRewrite } from "../../src/gate/propose/open-rewrite.ts";
import type { GateGround } from "../../src/gate/ground.ts";
import { syncGate } from "../../src/gate/sync/sync.ts";
import { allowedRewrites, loadDecisions } from "../../src/gate/view/view.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { checkTip } from "../../src/state/tips.ts";
import { merge, sign } from "../support/gate-steps.ts";
import { keysWith } from "../support/gate-world.ts";
import { type HonestWorld, honestHistory } from "../support/honest-history.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { forget, rewriteHistory } from "../support/rewritten.ts";
import { type Driven, DRIVER_NAMES, makeDrivers } from "./drivers.ts";

const REWOUND = { code: "state.ref.rewound" };

/** Tips of facts before and after the rewrite and on it later, and of decisions before and after it was decided. */
interface Tips {
  readonly old: Oid;
  readonly next: Oid;
  readonly later: Oid;
  readonly undecided: Oid;
  readonly decided: Oid;
}

let world: HonestWorld;
let tips: Tips;
let drivers: readonly Driven[];

beforeAll(async () => {
  drivers = await makeDrivers();
  world = await honestHistory();
  const { ground, repository, store } = world;
  const old = await world.tip();
  const undecided = (await store.head(DECISIONS))!;
  const next = await rewriteHistory(repository, store, old);
  const run = {
    ground,
    act: world.act(),
    keys: keysWith(world.keys["alice"]!),
    keyFile: null,
    reason: "erase",
    dryRun: false,
  };
  const { proposal } = orThrow(await openRewrite(run, { old, new: next }));
  await sign(world, proposal.id, "alice");
  orThrow(await merge(world, proposal.id));
  const decided = (await store.head(DECISIONS))!;
  repository.branches.set(STATE, next);
  await syncGate(ground, world.act());
  tips = { old, next, later: await world.tip(), undecided, decided };
}, 60_000);

afterAll(async () => {
  for (const driver of drivers) await driver.close();
});

describe.each(DRIVER_NAMES)("case 19, an authorised rewrite, over %s", (name) => {
  const cache = memoryFolder();
  const driver = () => drivers.find((one) => one.name === name)!;

  /** The repository with these tips, as somebody with this memory comes to it. */
  async function at(state: Oid, decisions: Oid, memory = cache): Promise<GateGround> {
    const branches = new Map([
      [STATE, state],
      [DECISIONS, decisions],
    ]);
    const store = await driver().load({ ...world.repository, branches });
    const ground = { ...world.ground, store, cache: memory };
    return { ...ground, rewrites: () => allowedRewrites(ground) };
  }

  it("is found where nothing was decided, accepted where it was, and never goes back", async () => {
    await checkTip(await at(tips.old, tips.undecided), STATE);
    await expect(checkTip(await at(tips.next, tips.undecided), STATE)).rejects.toMatchObject(REWOUND);
    await expect(loadDecisions(await at(tips.next, tips.undecided))).rejects.toMatchObject(REWOUND);
    await expect(checkTip(await at(tips.later, tips.decided), STATE)).resolves.toBe(tips.later);
    await expect(checkTip(await at(tips.old, tips.decided), STATE)).rejects.toMatchObject(REWOUND);
    await expect(checkTip(await at(tips.next, tips.decided), STATE)).rejects.toMatchObject(REWOUND);
  });

  it("leaves a history that verifies where the old one never was", async () => {
    const objects = new Map(world.repository.objects);
    await forget({ ...world.repository, objects }, world.store, tips.old);
    const branches = new Map([
      [STATE, tips.later],
      [DECISIONS, tips.decided],
    ]);
    const store = await driver().load({ ...world.repository, objects, branches });
    const result = await world.verify({ full: true, ground: { store, cache: memoryFolder() } });
    expect(result).toMatchObject({ status: "verified", violations: [] });
  });
});
