import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeOf, collect, commitOf, soon, textAt } from "../../../../support/store-under-test.ts";
import { BRANCH } from "../../../../support/store-under-test.ts";
import { type GithubStore, makeGithubStore } from "../../../../support/github-store.ts";
import { git } from "../../../../support/git-repo.ts";
import { openForgeStore } from "../../../../../src/platform/github/git/forge-store.ts";
import { timestamp } from "../../../../../src/kernel/time.ts";
import { clockAt } from "../../../../support/world.ts";
import { nowAct } from "../../../../support/forge-acts.ts";

describe("requests of a store at GitHub", () => {
  let under: GithubStore;
  beforeEach(async () => {
    under = await makeGithubStore();
  });
  afterEach(() => under.close());

  const root = async (files: Readonly<Record<string, string>>) =>
    commitOf(await under.store.apply(BRANCH, changeOf("root", files), soon()));

  it("reads any number of paths of a commit with one request, and what it has read with none", async () => {
    const files = { "a/b/c/d.json": "1", "a/b/x.json": "2", "e/f/g/h/i.json": "3", "top.json": "4" };
    const at = await root(files);
    const store = await under.another();
    under.asked();
    const paths = [...Object.keys(files), "a/b", "", "e/none", "none/none"];
    const found = await store.read(at, paths);
    expect(under.asked()).toEqual(["query repository"]);
    expect(found.map((one) => one !== null)).toEqual([true, true, true, true, true, true, false, false]);
    expect(await textAt(store, at, "a/b/x.json")).toBe("2");
    expect(under.asked()).toEqual([]);
    await store.close();
  });

  it("writes with one question and one mutation, and again with the mutation only", async () => {
    await root({ "a/b/c.json": "1", "d/e.json": "1" });
    const store = await under.another();
    under.asked();
    const first = changeOf("one", { "a/b/c.json": "2", "x/y/z.json": "new", "d/e.json": null }, { act: nowAct("one") });
    const one = commitOf(await store.apply(BRANCH, first, soon()));
    expect(under.asked()).toEqual(["query repository", "mutation createCommitOnBranch"]);
    const reads = new Map([["a/b/c.json", (await store.read(one, ["a/b/c.json"]))[0]!.oid]]);
    const two = commitOf(
      await store.apply(BRANCH, changeOf("two", { "q/r.json": "1" }, { act: nowAct("two"), reads }), soon()),
    );
    expect(under.asked().filter((operation) => operation !== "query repository")).toEqual([
      "mutation createCommitOnBranch",
    ]);
    expect((await store.commit(two)).parents).toEqual([one]);
    expect(await textAt(store, two, "d/e.json")).toBeNull();
    await store.close();
  });

  it("makes a proposal branch with four requests", async () => {
    const base = await root({ "channels/acme/stable.json": "1", "policy.json": "p" });
    const store = await under.another();
    under.asked();
    const change = changeOf("p", { "channels/acme/stable.json": "2" }, { act: nowAct("p"), onto: base });
    const head = commitOf(await store.apply("waybill/proposals/p", change, soon()));
    const asked = under.asked();
    expect(asked.filter((operation) => operation !== "query repository")).toEqual([
      "git/create-tree",
      "git/create-commit",
      "mutation updateRefs",
    ]);
    expect(asked.length).toBe(4);
    expect(await store.head("waybill/proposals/p")).toBe(head);
    expect((await store.commit(head)).author).toBe("Ada Lovelace <ada-example.invalid@waybill.invalid>");
    await store.close();
  });

  it("walks history in pages", async () => {
    const first = await root({ x: "1" });
    const tree = git(under.repository.path, ["rev-parse", `${first}^{tree}`]);
    const lines = Array.from({ length: 230 }, (_, i) =>
      [
        `commit ${BRANCH_REF}`,
        `committer A <a@x> ${1_780_000_000 + i} +0000`,
        "data 2",
        "c",
        i === 0 ? `from ${first}\n` : "",
      ].join("\n"),
    );
    git(under.repository.path, ["fast-import", "--quiet"], Buffer.from(lines.join("\n")));
    const store = await under.another();
    const tip = (await store.head(BRANCH))!;
    under.asked();
    const log = await collect(store.log(null, tip));
    expect(log.length).toBe(231);
    expect(new Set(log.map((commit) => commit.tree))).toEqual(new Set([tree]));
    expect(under.asked().length).toBe(4);
    await store.close();
  });

  it("finds a difference level by level and only where it is wanted, and blobs in batches", async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f/${i % 20}/g/${i}.json`, `text ${i}`]));
    const from = await root(files);
    const changes = { "f/3/g/3.json": "n", "f/7/g/7.json": "n", "new/a/b.json": "n" };
    const to = commitOf(await under.store.apply(BRANCH, changeOf("b", changes), soon()));
    const store = await under.another();
    under.asked();
    expect((await collect(store.diff(from, to))).map(({ path }) => path)).toEqual(Object.keys(changes));
    expect(under.asked().length).toBe(5);
    const other = await under.another();
    under.asked();
    expect(await collect(other.diff(from, to, (folder) => folder === "f"))).toEqual([]);
    expect(under.asked().length).toBe(3);
    await other.close();
    const all = await collect(store.diff(null, to));
    under.asked();
    const blobs = (await collect(store.blobs([all.map(({ after }) => after!)]))).flat();
    expect(blobs.length).toBe(201);
    expect(under.asked().length).toBe(4);
    await store.close();
  });

  it("asks for a tip again only when it is old, or when this process did something else at GitHub", async () => {
    const at = await root({ x: "1" });
    const client = under.client;
    const clock = clockAt(timestamp(new Date()));
    const store = openForgeStore({ client, clock, random: Math.random });
    under.asked();
    for (let i = 0; i < 5; i += 1) expect(await store.head(BRANCH)).toBe(at);
    expect(under.asked()).toEqual(["query repository"]);
    clock.advance(2000);
    expect(await store.head(BRANCH)).toBe(at);
    expect(under.asked()).toEqual(["query repository"]);
    const to = commitOf(await under.store.apply(BRANCH, changeOf("b", { y: "1" }, { act: nowAct("b") }), soon()));
    under.asked();
    expect(await store.head(BRANCH)).toBe(to);
    expect(under.asked()).toEqual(["query repository"]);
  });

  it("lists more branches than fit a page", async () => {
    const at = await root({ x: "1" });
    const names = Array.from({ length: 130 }, (_, i) => `waybill/inbox/n${String(i).padStart(3, "0")}`);
    git(
      under.repository.path,
      ["update-ref", "--stdin"],
      Buffer.from(names.map((name) => `create refs/heads/${name} ${at}\n`).join("")),
    );
    under.asked();
    expect([...(await under.store.branches("waybill/inbox/")).keys()]).toEqual(names);
    expect(under.asked().length).toBe(2);
  });
});

const BRANCH_REF = `refs/heads/${BRANCH}`;
