import { describe, expect, it } from "vitest";
import { checksum } from "../../../../src/inspect/checksum.ts";
import { toCached } from "../../../../src/gate/view/remembered-decision.ts";
import type { Decisions } from "../../../../src/gate/core/decisions.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { approved, decide, lookAt, sign, STABLE } from "../../../support/gate-steps.ts";
import { makeGateWorld } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";

const FILE = "decisions.json";
const LATER = "decisions-later.json";

/** Counts the differences that a load asks for: each merge that is judged needs some. */
function counting(store: GitStore): GitStore & { readonly counted: () => number } {
  let differences = 0;
  return {
    ...store,
    diff: (from, to) => {
      differences += 1;
      return store.diff(from, to);
    },
    counted: () => differences,
  };
}

/** Decisions of a file: a line each behind those of the size and the columns. */
function linesOf(bytes: Uint8Array): number {
  return Buffer.from(bytes).toString().split("\n").length - 3;
}

/** All that a view answers, as plain values. */
function plain(view: Decisions): object {
  const { root, tip, at, merged, dishonoured } = view;
  const all = merged.map((one) => ({ ...toCached(one), path: one.path, commit: one.commit, at: one.mergedAt }));
  return {
    root,
    tip,
    at,
    all,
    dishonoured,
    standing: view.standing(STABLE),
    used: merged.every(({ proposalId }) => view.isUsed(proposalId)),
  };
}

async function makeHistory() {
  const world = await makeGateWorld();
  for (const version of ["1.0.0", "2.0.0"]) await decide(world, version);
  await hostile(world).squash(await approved(world, "3.0.0"));
  await loadDecisions(world.ground);
  return { world, cache: world.cache };
}

describe("a remembered fold", () => {
  it("is gone on from: what was judged is not judged again", async () => {
    const { world } = await makeHistory();
    const store = counting(world.store);
    const again = await loadDecisions({ ...world.ground, store });
    expect([store.counted(), again.merged.length, again.dishonoured.length]).toEqual([0, 3, 1]);
    expect(again.standing(STABLE)).toBeDefined();
  });

  it("is written anew with what came since, and as a whole only where that is much", async () => {
    const { world, cache } = await makeHistory();
    const whole = cache.files.get(FILE)!;
    await decide(world, "4.0.0");
    expect((await lookAt(world)).version).toBe("4.0.0");
    const later = cache.files.get(LATER)!;
    expect([cache.files.get(FILE), linesOf(whole), linesOf(later)]).toEqual([whole, 2, 2]);
    const again = await loadDecisions(world.ground);
    const anew = await loadDecisions({ ...world.ground, cache: memoryFolder() });
    expect(plain(again)).toEqual(plain(anew));
    for (let i = 0; i < 64; i += 1) await decide(world, `5.${i}.0`);
    const long = await loadDecisions(world.ground);
    expect(linesOf(cache.files.get(FILE)!)).toBeGreaterThan(60);
    const store = counting(world.store);
    expect(plain(await loadDecisions({ ...world.ground, store }))).toEqual(plain(long));
    expect(store.counted()).toBe(0);
  });

  it("goes on from the first file where the second is damaged, or is that of another", async () => {
    const { world, cache } = await makeHistory();
    await decide(world, "4.0.0");
    await lookAt(world);
    const later = Buffer.from(cache.files.get(LATER)!).toString();
    const judged = async (bytes: string) => {
      cache.files.set(LATER, Buffer.from(bytes));
      const store = counting(world.store);
      const { version } = await lookAt({ ...world, ground: { ...world.ground, store } });
      return [store.counted() > 0, version];
    };
    expect(await judged(later)).toEqual([false, "4.0.0"]);
    const others = ["", "{", later.slice(0, -9), later.replace(/"after":"\w{4}/, '"after":"0000')];
    for (const bytes of others) expect(await judged(bytes)).toEqual([true, "4.0.0"]);
    expect(await judged(Buffer.from(cache.files.get(LATER)!).toString())).toEqual([false, "4.0.0"]);
  });

  it("is not used by another version, without a version, damaged, or after a tip that does not follow", async () => {
    const { world, cache } = await makeHistory();
    const kept = cache.files.get(FILE)!;
    const text = Buffer.from(kept).toString();
    const judgedWith = async (bytes: string, change: object = {}) => {
      cache.files.set(FILE, Buffer.from(bytes));
      const store = counting(world.store);
      const { version } = await lookAt({ ...world, ground: { ...world.ground, store, ...change } });
      return [store.counted() > 0, version];
    };
    expect(await judgedWith(text)).toEqual([false, "2.0.0"]);
    for (const bytes of [
      "{",
      "{}",
      text.replace("test fold", "other fold"),
      text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1),
      text.replaceAll(/"tip":"\w+"/g, `"tip":"${"0".repeat(40)}"`),
    ])
      expect(await judgedWith(bytes)).toEqual([true, "2.0.0"]);
    expect(await judgedWith(text, { version: undefined })).toEqual([true, "2.0.0"]);
  });

  it("is made again whatever bit of it is flipped", async () => {
    const { world, cache } = await makeHistory();
    for (const file of [FILE, LATER]) cache.files.delete(file);
    const expected = plain(await loadDecisions(world.ground));
    const whole = cache.files.get(FILE)!;
    for (let at = 0; at < whole.length; at += 97) {
      const flipped = whole.slice();
      flipped[at] = flipped[at]! ^ (1 << (at % 8));
      cache.files.set(FILE, flipped);
      expect([at, plain(await loadDecisions(world.ground))]).toEqual([at, expected]);
      expect([at, cache.files.get(FILE)]).toEqual([at, whole]);
    }
  });

  it("says which file to remove where somebody wrote a line for it that is none", async () => {
    const { world, cache } = await makeHistory();
    const text = Buffer.from(cache.files.get(FILE)!).toString();
    for (const damaged of [text.replaceAll('"sha256"', "'sha256'"), text.replaceAll('"grade"', '"gravy"')]) {
      const [first = "", ...rest] = damaged.split("\n");
      const summed = `${first.split(" ")[0]} ${checksum(Buffer.from(rest.join("\n")))}\n${rest.join("\n")}`;
      cache.files.set(FILE, Buffer.from(summed));
      const view = await loadDecisions(world.ground);
      const hints = [`Remove ${cache.path}/${FILE}; it is made again from the branches`];
      expect(() => view.policy).toThrow(expect.objectContaining({ code: "file.unreadable", hints }));
    }
  });

  it("is not kept while a merge waits for its proof", async () => {
    const world = await makeGateWorld(["alice", "bob"], 2);
    await world.ground.cache.remove(FILE);
    const change = await world.changePolicy(() => ({ defaults: { proof: "recorded" } }));
    await sign(world, change.proposal.id, "bob");
    await hostile(world).mergeAnyway(change.proposal.id);
    await hostile(world).mergeAnyway((await world.promote("1.0.0")).proposal.id);
    expect((await loadDecisions(world.ground)).pending).toHaveLength(1);
    const cached = await world.ground.cache.read(FILE);
    expect(Buffer.from(cached ?? "").toString()).not.toContain(STABLE);
  });
});
