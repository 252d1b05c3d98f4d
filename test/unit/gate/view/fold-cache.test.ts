import { describe, expect, it } from "vitest";
import { readFoldAhead } from "../../../../src/gate/view/fold-cache.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { approved, decide, lookAt, sign, STABLE } from "../../../support/gate-steps.ts";
import { makeGateWorld } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";

const FILE = "decisions.json";

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

async function makeHistory() {
  const world = await makeGateWorld();
  for (const version of ["1.0.0", "2.0.0"]) await decide(world, version);
  await hostile(world).squash(await approved(world, "3.0.0"));
  await loadDecisions(world.ground);
  return { world, cache: world.cache };
}

describe("a remembered fold", () => {
  it("that is read ahead is read once, and again by who asks again; an error is that of who asks", async () => {
    const { cache } = await makeHistory();
    const asked: string[] = [];
    const read = async (path: string) => {
      asked.push(path);
      return cache.read(path);
    };
    const ahead = readFoldAhead({ ...cache, read });
    expect(asked).toEqual([FILE]);
    expect(await ahead.read(FILE)).toEqual(cache.files.get(FILE));
    expect(asked).toEqual([FILE]);
    await ahead.read("root.json");
    await ahead.read(FILE);
    expect(asked).toEqual([FILE, "root.json", FILE]);
    const failing = readFoldAhead({ ...cache, read: async () => Promise.reject(new Error("no disk")) });
    await new Promise((later) => setImmediate(later));
    await expect(failing.read(FILE)).rejects.toThrow("no disk");
  });

  it("is gone on from: what was judged is not judged again", async () => {
    const { world } = await makeHistory();
    const store = counting(world.store);
    const again = await loadDecisions({ ...world.ground, store });
    expect([store.counted(), again.merged.length, again.dishonoured.length]).toEqual([0, 3, 1]);
    expect(again.standing(STABLE)).toBeDefined();
    const before = Buffer.from(world.cache.files.get(FILE)!).toString().split("\n").slice(1, -1);
    await decide(world, "4.0.0");
    expect((await lookAt(world)).version).toBe("4.0.0");
    const lines = Buffer.from(world.cache.files.get(FILE)!).toString().split("\n").slice(1, -1);
    expect([lines.slice(0, before.length), lines.length]).toEqual([before, before.length + 1]);
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

  it("says which file to remove where the line of a decision is damaged that somebody asks for", async () => {
    const { world, cache } = await makeHistory();
    const text = Buffer.from(cache.files.get(FILE)!).toString();
    for (const damaged of [text.replaceAll('"sha256"', "'sha256'"), text.replaceAll('"grade"', '"gravy"')]) {
      cache.files.set(FILE, Buffer.from(damaged));
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
