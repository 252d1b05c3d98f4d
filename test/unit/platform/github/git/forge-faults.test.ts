import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../../../src/ports/clock.ts";
import type { Change, GitStore } from "../../../../../src/ports/git-store.ts";
import type { FaultEffect } from "../../../../github/faults.ts";
import { openForgeStore } from "../../../../../src/platform/github/git/forge-store.ts";
import { isData } from "../../../../../src/kernel/json.ts";
import { nowAct } from "../../../../support/forge-acts.ts";
import { type GithubStore, makeGithubStore } from "../../../../support/github-store.ts";
import { git } from "../../../../support/git-repo.ts";
import { BRANCH, changeOf, collect, commitOf, soon, textAt } from "../../../../support/store-under-test.ts";

/** Real time, but nobody waits. */
const hasty: Clock = { now: () => new Date(), sleep: async () => {} };

const EFFECTS: readonly (readonly [string, FaultEffect])[] = [
  ["is dropped", { kind: "drop" }],
  ["is answered 502", { kind: "status", status: 502 }],
  [
    "meets a secondary limit",
    { kind: "status", status: 403, message: "secondary rate limit", headers: { "retry-after": "1" } },
  ],
  ["is done, but its answer is lost", { kind: "lose" }],
  ["is done, but answered 502", { kind: "status-after", status: 502 }],
];

describe("faults between a store and GitHub", () => {
  let under: GithubStore;
  beforeEach(async () => {
    under = await makeGithubStore(hasty);
    await under.store.apply(BRANCH, changeOf("root", { "a/x.json": "1" }), soon());
  });
  afterEach(() => under.close());

  const landedOf = async (branch: string, operation: string): Promise<number> => {
    const store = await under.another();
    const tip = await store.head(branch);
    const log = tip === null ? [] : await collect(store.log(null, tip));
    return log.filter(({ trailers }) => trailers.get("Waybill-Operation") === operation).length;
  };
  /** Runs a change with a fault at its n-th request, then again without; answers whether the fault struck. */
  const sweep = async (n: number, effect: FaultEffect, name: string, branch: string, change: Change) => {
    const { faults, requests } = under.github.world;
    const store = await under.another();
    const struck = faults.struck.length;
    faults.add({ when: requests.length + n, effect });
    const first = await store.apply(branch, change, soon()).catch((error: unknown) => error);
    faults.clear();
    const again = commitOf(await (await under.another()).apply(branch, change, soon()));
    expect(await landedOf(branch, `op_${name}`)).toBe(1);
    if (first !== null && typeof first === "object" && "commit" in first) expect(first.commit).toBe(again);
    return faults.struck.length > struck;
  };

  it.each(EFFECTS)("lands an operation once when its n-th request %s", async (_what, effect) => {
    let n = 1;
    for (; n < 10; n += 1) {
      const name = `write${n}`;
      const change = changeOf(name, { [`a/${name}.json`]: "1" }, { act: nowAct(name) });
      if (!(await sweep(n, effect, name, BRANCH, change))) break;
    }
    expect(n).toBe(3);
  });

  it.each(EFFECTS)("makes a proposal branch once when its n-th request %s", async (_what, effect) => {
    const onto = (await under.store.head(BRANCH))!;
    let n = 1;
    for (; n < 10; n += 1) {
      const name = `propose${n}`;
      const change = changeOf(name, { [`a/${name}.json`]: "1" }, { act: nowAct(name), onto });
      if (!(await sweep(n, effect, name, `waybill/proposals/${name}`, change))) break;
    }
    expect(n).toBeGreaterThanOrEqual(5);
    expect(n).toBeLessThan(10);
  });

  it.each(EFFECTS)("drops a branch when its n-th request %s", async (_what, effect) => {
    const { faults, requests } = under.github.world;
    for (let n = 1; n < 4; n += 1) {
      const branch = `waybill/proposals/d${n}`;
      const tip = commitOf(await under.store.apply(branch, changeOf(`d${n}`, { x: "1" }), soon()));
      const store = await under.another();
      faults.add({ when: requests.length + n, effect });
      await store.drop(branch, tip).catch(() => undefined);
      faults.clear();
      await (await under.another()).drop(branch, tip);
      expect(await under.store.head(branch)).toBeNull();
    }
  });

  it("tries again when GitHub wrongly says that an update is not a fast forward", async () => {
    const effect: FaultEffect = { kind: "status", status: 422, message: "Update is not a fast forward" };
    under.github.world.faults.add({
      when: ({ operation }) => operation === "mutation createCommitOnBranch",
      effect,
      times: 2,
    });
    const at = commitOf(
      await under.store.apply(BRANCH, changeOf("b", { "a/y.json": "1" }, { act: nowAct("b") }), soon()),
    );
    expect(await textAt(under.store, at, "a/y.json")).toBe("1");
    expect(under.github.world.faults.struck.length).toBe(2);
  });

  it("gives up at the deadline while GitHub keeps saying that the branch moved", async () => {
    const effect: FaultEffect = { kind: "status", status: 422, message: "Update is not a fast forward" };
    under.github.world.faults.add({
      when: ({ operation }) => operation === "mutation createCommitOnBranch",
      effect,
      times: 10_000,
    });
    const attempt = under.store.apply(BRANCH, changeOf("b", { y: "1" }), new Date(Date.now() + 300));
    await expect(attempt).rejects.toMatchObject({ code: "state.push.conflict" });
    expect(await landedOf(BRANCH, "op_b")).toBe(0);
  });

  it("gives up after answers that never come, and says that it is the network", async () => {
    under.github.world.faults.add({
      when: ({ operation }) => operation === "mutation createCommitOnBranch",
      effect: { kind: "drop" },
      times: 10_000,
    });
    const attempt = under.store.apply(BRANCH, changeOf("b", { y: "1" }), soon());
    await expect(attempt).rejects.toMatchObject({ code: "state.push.network" });
  });

  it("loses none of 12 writers, each a process of its own, that write to one branch", async () => {
    const stores = await Promise.all(Array.from({ length: 12 }, () => under.another()));
    const names = stores.map((_, i) => `w${i}`);
    const write = (store: GitStore, name: string) =>
      store.apply(BRANCH, changeOf(name, { [`a/${name}.json`]: name }, { act: nowAct(name) }), soon());
    const done = await Promise.all(stores.map((store, i) => write(store, names[i]!)));
    expect(new Set(done.map(commitOf)).size).toBe(12);
    const log = await collect(under.store.log(null, (await under.store.head(BRANCH))!));
    expect(log.map(({ trailers }) => trailers.get("Waybill-Seq"))).toEqual(
      Array.from({ length: 13 }, (_, i) => `${13 - i}`),
    );
    expect((await under.store.read(log[0]!.commit, ["a"]))[0]).toMatchObject({
      names: ["x.json", ...names.map((n) => `${n}.json`)].toSorted(),
    });
  });

  it("finds what landed although GitHub first shows the branch as it was before", async () => {
    const { client } = under.as({ contents: "write" });
    const old: unknown[] = [];
    let replayed = 0;
    const graphql: typeof client.graphql = async (query, variables) => {
      const isQuery = query.startsWith("query");
      if (isQuery && old.length > 0) {
        replayed += 1;
        return old.pop();
      }
      const answer = await client.graphql(query, variables);
      if (isQuery) old.splice(0, 1, answer);
      return answer;
    };
    const store = openForgeStore({ client: { ...client, graphql }, clock: hasty, random: Math.random });
    const when = ({ operation }: { operation: string | null }) => operation === "mutation createCommitOnBranch";
    under.github.world.faults.add({ when, effect: { kind: "lose" } });
    commitOf(await store.apply(BRANCH, changeOf("b", { "a/y.json": "1" }, { act: nowAct("b") }), soon()));
    expect(replayed).toBe(1);
    expect(await landedOf(BRANCH, "op_b")).toBe(1);
  });

  it("finds what landed although the clock of this machine is a day ahead", async () => {
    const ahead: Clock = { ...hasty, now: () => new Date(Date.now() + 86_400_000) };
    const change = changeOf("b", { "a/y.json": "1" }, { act: nowAct("b", 86_400_000) });
    const deadline = new Date(Date.now() + 2 * 86_400_000);
    const landed = commitOf(await under.as({ contents: "write" }, ahead).store.apply(BRANCH, change, deadline));
    await under.store.apply(BRANCH, changeOf("o", { "a/z.json": "1" }, { act: nowAct("o") }), soon());
    const { store } = under.as({ contents: "write" }, ahead);
    expect(commitOf(await store.apply(BRANCH, change, deadline))).toBe(landed);
    expect(await landedOf(BRANCH, "op_b")).toBe(1);
  });

  it("does not say that something moved because it remembers an old tip", async () => {
    const store = await under.another();
    expect(await store.head(BRANCH)).not.toBeNull();
    const tip = commitOf(
      await under.store.apply(BRANCH, changeOf("o", { "a/x.json": "2" }, { act: nowAct("o") }), soon()),
    );
    const reads = new Map([["a/x.json", (await under.store.read(tip, ["a/x.json"]))[0]!.oid]]);
    commitOf(await store.apply(BRANCH, changeOf("b", { "b.json": "1" }, { act: nowAct("b"), reads }), soon()));
  });

  it("plans again where a write met a change of what it read", async () => {
    const store = await under.another();
    const tip = (await store.head(BRANCH))!;
    const reads = new Map([["a/x.json", (await store.read(tip, ["a/x.json"]))[0]!.oid]]);
    const moved = commitOf(
      await under.store.apply(BRANCH, changeOf("o", { "a/x.json": "2" }, { act: nowAct("o") }), soon()),
    );
    const answer = await store.apply(BRANCH, changeOf("b", { "b.json": "1" }, { act: nowAct("b"), reads }), soon());
    expect(answer).toEqual({ moved: ["a/x.json"], head: moved });
  });

  it("says that it is damage when another tree came of a write than was meant", async () => {
    const { client } = under;
    const other = Buffer.from("2").toString("base64");
    const graphql: typeof client.graphql = (query, variables) => {
      const changed: unknown = JSON.parse(
        JSON.stringify(variables).replace(/"contents":"[^"]*"/, `"contents":"${other}"`),
      );
      return client.graphql(query, isData(changed) ? changed : {});
    };
    const store = openForgeStore({ client: { ...client, graphql }, clock: hasty, random: Math.random });
    const attempt = store.apply(BRANCH, changeOf("b", { "a/y.json": "1" }, { act: nowAct("b") }), soon());
    await expect(attempt).rejects.toMatchObject({ code: "state.object.corrupt" });
  });

  it("says that the token may not write, and changes nothing", async () => {
    const { store } = under.as({ contents: "read", metadata: "read" });
    const tip = await store.head(BRANCH);
    for (const branch of [BRANCH, "waybill/proposals/p"]) {
      const attempt = store.apply(branch, changeOf("b", { y: "1" }, { onto: tip! }), soon());
      await expect(attempt).rejects.toMatchObject({ code: "state.push.unauthorised" });
    }
    await expect(store.drop(BRANCH, tip!)).rejects.toMatchObject({ code: "state.push.unauthorised" });
    expect(await store.head(BRANCH)).toBe(tip);
  });

  it("says that rules protect a branch, and changes nothing", async () => {
    const { features } = under.repository;
    const at = "2026-01-01T00:00:00Z";
    const rules = [{ type: "pull_request" }, { type: "deletion" }];
    const base = { target: "branch", enforcement: "active", exclude: [], bypass: [], createdAt: at, updatedAt: at };
    features.rulesets.push({ ...base, id: 1, name: "facts", include: [`refs/heads/${BRANCH}`], rules });
    const tip = (await under.store.head(BRANCH))!;
    const attempt = under.store.apply(BRANCH, changeOf("b", { y: "1" }), soon());
    await expect(attempt).rejects.toMatchObject({ code: "state.push.protected", data: { branch: BRANCH } });
    await expect(under.store.drop(BRANCH, tip)).rejects.toMatchObject({ code: "state.push.protected" });
    expect(await under.store.head(BRANCH)).toBe(tip);
  });
});

describe("a parent that is dated in the future", () => {
  const plant = async (under: GithubStore, aheadMs: number) => {
    const base = commitOf(await under.store.apply(BRANCH, changeOf("root", { x: "1" }), soon()));
    const tree = git(under.repository.path, ["rev-parse", `${base}^{tree}`]);
    const who = `A <a@x> ${Math.floor((Date.now() + aheadMs) / 1000)} +0000`;
    const content = `tree ${tree}\nparent ${base}\nauthor ${who}\ncommitter ${who}\n\nAhead\n\nWaybill-Seq: 2\n`;
    await under.setBranch(BRANCH, await under.put("commit", Buffer.from(content)));
  };

  it("is waited for when that is soon", async () => {
    const slept: number[] = [];
    const clock: Clock = { now: () => new Date(), sleep: async (ms) => void slept.push(ms) };
    const under = await makeGithubStore();
    await plant(under, 5 * 60_000 + 8000);
    const { store } = under.as({ contents: "write" }, clock);
    const at = commitOf(await store.apply(BRANCH, changeOf("b", { y: "1" }, { act: nowAct("b") }), soon()));
    expect((await store.commit(at)).trailers.get("Waybill-Seq")).toBe("3");
    expect(slept.length).toBe(1);
    expect(slept[0]).toBeGreaterThan(4000);
    expect(slept[0]).toBeLessThan(10_000);
    await under.close();
  });

  it("ends the write when that is late, and nothing is written", async () => {
    const under = await makeGithubStore();
    await plant(under, 60 * 60_000);
    const store = await under.another();
    const tip = await store.head(BRANCH);
    const attempt = store.apply(BRANCH, changeOf("b", { y: "1" }, { act: nowAct("b") }), soon());
    await expect(attempt).rejects.toMatchObject({ code: "state.clock.ahead", data: { branch: BRANCH } });
    expect(await store.head(BRANCH)).toBe(tip);
    await under.close();
  });
});
