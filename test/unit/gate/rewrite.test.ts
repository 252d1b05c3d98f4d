import { beforeEach, describe, expect, it } from "vitest";
import type { GateGround } from "../../../src/gate/ground.ts";
import { openRewrite } from "../../../src/gate/open-rewrite.ts";
import { syncGate } from "../../../src/gate/sync.ts";
import { allowedRewrites, loadDecisions } from "../../../src/gate/view.ts";
import { orThrow } from "../../../src/kernel/errors.ts";
import type { Oid } from "../../../src/kernel/oid.ts";
import type { GitStore } from "../../../src/ports/git-store.ts";
import { STATE } from "../../../src/state/branches.ts";
import { checkTip } from "../../../src/state/tips.ts";
import { openState } from "../../../src/state/transact.ts";
import { keysWith } from "../../support/gate-world.ts";
import { merge, sign } from "../../support/gate-steps.ts";
import { type HonestWorld, honestHistory } from "../../support/honest-history.ts";
import { memoryFolder } from "../../support/memory-folder.ts";
import { forget, rewriteHistory } from "../../support/rewritten.ts";

const REWOUND = { code: "state.ref.rewound" };

let world: HonestWorld;
let old: Oid;
let next: Oid;

beforeEach(async () => {
  world = await honestHistory();
  old = await world.tip();
  next = await rewriteHistory(world.repository, world.store, old);
});

function propose(asked: { readonly old?: string; readonly new?: string } = {}) {
  const keys = keysWith(world.keys["alice"]!);
  const run = { ground: world.ground, act: world.act(), keys, keyFile: null, reason: "erase a name", dryRun: false };
  return openRewrite(run, { old, new: next, ...asked });
}

/** Proposes and merges; without the signature of an approver the merge is none. */
async function decide() {
  const { proposal } = orThrow(await propose());
  await sign(world, proposal.id, "alice");
  return orThrow(await merge(world, proposal.id));
}

const moveTo = (tip: Oid) => world.repository.branches.set(STATE, tip);

/** The same person before another store. */
function on(ground: GateGround, store: GitStore): GateGround {
  const other = { ...ground, store };
  return { ...other, rewrites: () => allowedRewrites(other) };
}

/** Somebody who has seen the tip of facts that is there now. */
async function reader() {
  const own = on({ ...world.ground, cache: memoryFolder() }, world.store);
  await checkTip(own, STATE);
  return own;
}

describe("a decided rewrite of the facts", () => {
  it("lets who saw the old history go over to the new one, and never back", async () => {
    const seen = await reader();
    await decide();
    moveTo(next);
    await expect(openState(seen)).resolves.toMatchObject({ at: next });
    await world.write();
    expect((await syncGate(world.ground, world.act())).recorded).toHaveLength(1);
    await checkTip(seen, STATE);
    moveTo(old);
    await expect(checkTip(seen, STATE)).rejects.toMatchObject(REWOUND);
    await expect(loadDecisions(seen)).rejects.toMatchObject(REWOUND);
  });

  it("stands for every commit of the old history, also where that is gone", async () => {
    const before = (await world.store.commit(old)).parents[0]!;
    moveTo(before);
    const [early, late] = [await reader(), await reader()];
    moveTo(old);
    await decide();
    moveTo(next);
    await expect(checkTip(early, STATE)).resolves.toBe(next);
    await expect(checkTip(on(late, await forget(world.repository, world.store, old)), STATE)).resolves.toBe(next);
  });

  it("covers neither what was written after the old tip, nor a tip that does not follow the new one", async () => {
    const seen = await reader();
    await decide();
    await world.write();
    const beyond = await reader();
    const other = await rewriteHistory(world.repository, world.store, old, "forged");
    moveTo(other);
    await expect(checkTip(seen, STATE)).rejects.toMatchObject(REWOUND);
    moveTo(next);
    await expect(checkTip(beyond, STATE)).rejects.toMatchObject(REWOUND);
    const store = await forget(world.repository, world.store, old);
    await expect(checkTip(on(beyond, store), STATE)).rejects.toMatchObject(REWOUND);
  });

  it("is followed by another, also by who saw only the first history", async () => {
    const seen = await reader();
    await decide();
    moveTo(next);
    await syncGate(world.ground, world.act());
    const first = next;
    old = await world.tip();
    next = await rewriteHistory(world.repository, world.store, old, "again");
    await decide();
    moveTo(next);
    await expect(checkTip(seen, STATE)).resolves.toBe(next);
    moveTo(first);
    await expect(checkTip(seen, STATE)).rejects.toMatchObject(REWOUND);
  });

  it("leaves the history verified, and its own event and evidence on the new one", async () => {
    await decide();
    moveTo(next);
    const { recorded } = await syncGate(world.ground, world.act());
    expect(recorded.map(({ path }) => path)).toEqual([`gates/rewrite/${old}.json`]);
    const store = await forget(world.repository, world.store, old);
    expect(await world.verify({ full: true, ground: on(world.ground, store) })).toMatchObject({
      violations: [],
      status: "verified",
    });
    const { proposal } = await world.promote("1.0.1");
    await sign(world, proposal.id, "alice");
    orThrow(await merge(world, proposal.id));
    expect(await world.verify()).toMatchObject({ violations: [], status: "verified" });
  });
});

describe("the same jump", () => {
  it("without a decision is found by who remembers, and by verify in the commits that decisions name", async () => {
    const seen = await reader();
    moveTo(next);
    await expect(checkTip(seen, STATE)).rejects.toMatchObject(REWOUND);
    const fresh = { ...world.ground, cache: memoryFolder() };
    const { violations } = await world.verify({ ground: fresh });
    expect(violations.map(({ rule }) => rule)).toEqual(["decision.seen_false"]);
  });

  it("with a decision that nobody approved is found", async () => {
    const seen = await reader();
    const { proposal } = orThrow(await propose());
    expect(proposal.head).not.toBeNull();
    moveTo(next);
    await expect(checkTip(seen, STATE)).rejects.toMatchObject(REWOUND);
  });

  it("to a third history is found by verify although a rewrite was decided", async () => {
    await decide();
    moveTo(await rewriteHistory(world.repository, world.store, old, "forged"));
    const { violations } = await world.verify({ ground: { cache: memoryFolder() } });
    expect(violations.map(({ rule }) => rule)).toContain("decision.seen_false");
  });
});

describe("before the branch is moved", () => {
  it("nothing is written that the move would drop", async () => {
    await decide();
    expect(await world.tip()).toBe(old);
    const synced = await syncGate(world.ground, world.act());
    expect(synced.warnings).toMatchObject([{ code: "state.rewrite.due", data: { old, new: next } }]);
    await expect(world.promote("2.0.0")).rejects.toMatchObject({ code: "state.rewrite.due" });
    expect(await world.tip()).toBe(old);
  });

  it("a merge is refused once the facts have gone on", async () => {
    const { proposal } = orThrow(await propose());
    expect(await world.tip()).toBe(old);
    await sign(world, proposal.id, "alice");
    await world.write();
    expect(await merge(world, proposal.id)).toMatchObject({ refused: [{ code: "gate.merge.refused" }] });
  });
});

describe("a proposal is refused where", () => {
  it.each([
    ["a name stands in place of a commit", () => ({ new: "main" })],
    ["the old history is not the tip", async () => ({ old: (await world.store.commit(old)).parents[0]! })],
    ["both are the same", () => ({ new: old })],
    ["the new one leaves out a commit", async () => ({ new: (await world.store.commit(next)).parents[0]! })],
  ])("%s", async (_, asked) => {
    expect(await propose(await asked())).toMatchObject({ refused: [{ code: "usage.invalid_argument" }] });
  });

  it("the new history is not here", async () => {
    await expect(propose({ new: "0".repeat(40) })).rejects.toMatchObject({ code: "state.object.missing" });
  });
});
