import { afterAll, beforeAll, expect, test } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import type { Difference } from "../../../../src/ports/git-store.ts";
import { makeNative } from "../../../support/native-under-test.ts";
import {
  BRANCH,
  changeOf,
  collect,
  commitOf,
  oidLike,
  soon,
  type StoreUnderTest,
} from "../../../support/store-under-test.ts";

let under: StoreUnderTest;
let a: Oid;
let b: Oid;
let c: Oid;
let d: Oid;

beforeAll(async () => {
  under = await makeNative({ algorithm: "sha1", open: async (_folder, truth) => ({ location: truth }) });
  const apply = async (name: string, files: Readonly<Record<string, string | null>>) =>
    commitOf(await under.store.apply(BRANCH, changeOf(name, files), soon()));
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`many/${i}`, `${i}`]));
  a = await apply("a", { "a/b/c": "1", "a.b": "1", same: "1" });
  b = await apply("b", { "a/b/c": "2", "a.b": null, "a/b.c": "3", "e/f/g/h": "5" });
  c = await apply("c", many);
  d = await apply("d", { a: null, "many/7": null, "n/x/y/z": "1" });
});

afterAll(() => under.close());

const each = (from: Oid | null, to: Oid): Promise<Difference[]> => collect(under.store.diff(from, to));

test("says of several pairs at once what it says of each by itself", async () => {
  const pairs = [
    [null, a],
    [a, b],
    [c, d],
    [d, d],
    [b, a],
  ] as const;
  const expected = await Promise.all(pairs.map(([from, to]) => each(from, to)));
  expect(await under.store.diffs(pairs)).toEqual(expected);
  expect(await under.store.diffs([])).toEqual([]);
});

test("leaves out a pair that differs in many files, and answers the others", async () => {
  const [large, small] = await under.store.diffs([
    [b, c],
    [a, b],
  ]);
  expect(large).toBeNull();
  expect(small).toEqual(await each(a, b));
});

const entry = (mode: string, name: string, oid: Oid) =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")]);
const treeOn = (on: StoreUnderTest, ...entries: readonly Uint8Array[]) => on.put("tree", Buffer.concat(entries));
const commitOn = (on: StoreUnderTest, tree: Oid) => {
  const who = "Eve <eve@example.invalid> 1760000000 +0000";
  return on.put("commit", Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nEve\n`));
};

test("names the first file that came with a neighbour's other case, and what was no document", async () => {
  const blob = await under.put("blob", Buffer.from("1"));
  const [lower, upper] = [
    await treeOn(under, entry("100644", "x", blob)),
    await treeOn(under, entry("100644", "y", blob), entry("100644", "z", blob)),
  ];
  const link = entry("120000", "link", blob);
  const from = await commitOn(under, await treeOn(under, entry("40000", "a", lower), link));
  const both = [entry("40000", "A", upper), entry("40000", "a", lower), entry("100644", "link", blob)];
  const to = await commitOn(under, await treeOn(under, ...both));
  const [found] = await under.store.diffs([[from, to]]);
  expect(found).toEqual(await each(from, to));
  expect(found?.map(({ path, twin, modeBefore }) => [path, twin, modeBefore])).toEqual([
    ["A/y", "a", undefined],
    ["A/z", undefined, undefined],
    ["link", undefined, "120000"],
  ]);
});

test("leaves out a pair that nests deeper than any reader takes", async () => {
  const limited = await makeNative({
    algorithm: "sha1",
    open: async (_folder, truth) => ({ location: truth, limits: { depth: 3 } }),
  });
  const blob = await limited.put("blob", Buffer.from("1"));
  let tree = await treeOn(limited, entry("100644", "n", blob));
  const commits: Oid[] = [];
  for (let names = 1; names <= 4; names += 1) {
    commits.push(await commitOn(limited, tree));
    tree = await treeOn(limited, entry("40000", "n", tree));
  }
  const found = await limited.store.diffs(commits.map((commit) => [null, commit]));
  expect(found.map((one) => one?.length ?? null)).toEqual([1, 1, 1, null]);
  await expect(collect(limited.store.diff(null, commits[3]!))).rejects.toMatchObject({ code: "state.limit.exceeded" });
  await limited.close();
});

test("throws where an object is missing, and reads on", async () => {
  const absent = oidLike(a, "1");
  await expect(
    under.store.diffs([
      [a, b],
      [null, absent],
    ]),
  ).rejects.toMatchObject({ code: "state.object.missing" });
  expect(await under.store.diffs([[a, b]])).toEqual([await each(a, b)]);
});
