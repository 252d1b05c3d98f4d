import { beforeEach, describe, expect, it, test } from "vitest";
import type { GateGround } from "../../../../src/gate/ground.ts";
import { openRewrite } from "../../../../src/gate/propose/open-rewrite.ts";
import { mergeBranch } from "../../../../src/gate/review/merge-branch.ts";
import { recordDecisions } from "../../../../src/gate/sync/record.ts";
import { rewriteKind } from "../../../../src/gate/kinds/rewrite.ts";
import { syncGate } from "../../../../src/gate/sync/sync.ts";
import { allowedRewrites, loadDecisions, loadHistory } from "../../../../src/gate/view/view.ts";
import { isRefused, orThrow, ToolError } from "../../../../src/kernel/errors.ts";
import type { Oid } from "../../../../src/kernel/oid.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { PROPOSALS, STATE } from "../../../../src/state/branches.ts";
import { checkTip } from "../../../../src/state/tips.ts";
import { openState } from "../../../../src/state/transact.ts";
import { keysWith } from "../../../support/gate-world.ts";
import { merge, sign } from "../../../support/gate-steps.ts";
import { type HonestWorld, honestHistory } from "../../../support/honest-history.ts";
import { oidOf } from "../../../support/github-forge.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";
import { forget, rewriteHistory } from "../../../support/rewritten.ts";

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
  it("is pushed before it is proposed, and who forgot that is told how", async () => {
    const only = oidOf("9f3e2d1c00000000000000000000000000000000");
    const said = await propose({ new: only }).catch((cause: unknown) => cause);
    expect(said).toMatchObject({ code: "state.object.missing" });
    expect(said instanceof ToolError && said.hints[0]).toContain(`${only}:refs/heads/waybill/rewritten`);
  });

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

describe("a proposal that is older than a rewrite", () => {
  it("is proposed again; one that is merged all the same is named, because nobody can look at what it saw", async () => {
    const { proposal } = await world.promote("1.0.1");
    await sign(world, proposal.id, "alice");
    old = await world.tip();
    next = await rewriteHistory(world.repository, world.store, old);
    await decide();
    moveTo(next);
    await syncGate(world.ground, world.act());
    const again = await merge(world, proposal.id);
    expect(isRefused(again) ? again.refused[0].message : "").toMatch(/were made again since then/);
    const head = (await world.store.head(PROPOSALS + proposal.id))!;
    await mergeBranch(world.ground, await loadHistory(world.ground), { proposal, head, act: world.act() });
    const store = await forget(world.repository, world.store, old);
    const { violations } = await world.verify({ full: true, ground: on(world.ground, store) });
    expect(violations.map(({ rule }) => rule)).toEqual(["decision.seen_false"]);
  });
});

describe("a decision about a tip that was decided on before", () => {
  it("takes the place of the other: only its jump counts", async () => {
    const seen = await reader();
    await decide();
    const first = next;
    next = await rewriteHistory(world.repository, world.store, old, "otherwise");
    await decide();
    moveTo(first);
    await expect(checkTip(seen, STATE)).rejects.toMatchObject(REWOUND);
    moveTo(next);
    await expect(checkTip(seen, STATE)).resolves.toBe(next);
  });
});

test("a rewrite that was written by hand is refused where it does not keep the count of the tip that it has seen", async () => {
  const tip = { commit: "a".repeat(40), seq: 7 };
  const other = { ...tip, commit: "b".repeat(40) };
  const header = {
    repo_id: "repo",
    proposal_id: "prop_1",
    from: null,
    state_seen: tip,
    requested_at: "2026-01-05T10:00:00Z",
  };
  const by = { kind: "human", name: "alice", id: "alice", verified: true } as const;
  const honest = {
    ...header,
    schema: "rewrite.v1",
    seen: {},
    requested_by: by,
    reason: "r",
    old: tip,
    new: other,
  } as const;
  const { decisions } = await loadHistory(world.ground);
  const statusOf = (change: object) =>
    rewriteKind.rules({ ...honest, ...change }, decisions, "2026-01-05T10:00:00Z", { verified: true })[0]?.status;
  expect(statusOf({})).toBe("ok");
  for (const change of [
    { new: { ...other, seq: 6 } },
    { new: { ...other, seq: 8 } },
    { new: tip },
    { old: { ...tip, commit: "c".repeat(40) } },
    { old: { ...tip, seq: 8 }, new: { ...other, seq: 8 } },
  ])
    expect(statusOf(change), JSON.stringify(change)).toBe("refuse");
});

describe("before the branch is moved", () => {
  it("nothing is written that the move would drop", async () => {
    await decide();
    expect(await world.tip()).toBe(old);
    const synced = await syncGate(world.ground, world.act());
    expect(synced.warnings).toMatchObject([{ code: "state.rewrite.due", data: { old, new: next } }]);
    const decisions = await loadDecisions(world.ground);
    expect((await recordDecisions(world.ground, world.act(), decisions, null)).decisions).toEqual([]);
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
    ["a name stands in place of a commit", () => ({ new: "main" }), /full commit ids/],
    [
      "the old history is not the tip",
      async () => ({ old: (await world.store.commit(old)).parents[0]! }),
      /facts are at/,
    ],
    ["both are the same", () => ({ new: old }), /is the old one/],
    [
      "the new one leaves out a commit",
      async () => ({ new: (await world.store.commit(next)).parents[0]! }),
      /stand for/,
    ],
  ])("%s", async (_, asked, message) => {
    const answer = await propose(await asked());
    const [refused] = isRefused(answer) ? answer.refused : [];
    expect(refused?.code).toBe("usage.invalid_argument");
    expect(refused?.message).toMatch(message);
  });

  it("the new history is not here", async () => {
    await expect(propose({ new: "0".repeat(40) })).rejects.toMatchObject({ code: "state.object.missing" });
  });
});
