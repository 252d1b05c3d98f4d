import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { openForgeStore } from "../../../../../src/platform/github/git/forge-store.ts";
import { type GithubStore, makeGithubStore } from "../../../../support/github-store.ts";
import { git } from "../../../../support/git-repo.ts";
import { BRANCH, changeOf, collect, commitOf, soon, textAt } from "../../../../support/store-under-test.ts";

describe("objects and refs at GitHub", () => {
  let under: GithubStore;
  beforeEach(async () => {
    under = await makeGithubStore();
  });
  afterEach(() => under.close());

  const write = async (name: string, writes: ReadonlyMap<string, Uint8Array>, more = {}) =>
    commitOf(await under.store.apply(BRANCH, { ...changeOf(name, {}), writes, ...more }, soon()));

  it("reads exactly the bytes of texts and of what is no text, small and large", async () => {
    const files = new Map<string, Uint8Array>([
      ["crlf.txt", Buffer.from("a\r\nb\n\u{feff}\u{1F600}")],
      ["bom.json", Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
      ["latin.txt", Buffer.from([0x61, 0xe9, 0x0a])],
      ["zero.bin", Buffer.from([0, 1, 2, 0xff, 0])],
      ["large.txt", Buffer.from("0123456789abcdef\n".repeat(40_000))],
      ["large.bin", Buffer.from(Uint8Array.from({ length: 700_000 }, (_, i) => (i * 7919) >> 3))],
      ["empty", Buffer.alloc(0)],
    ]);
    await write("root", new Map([["x", Buffer.from("1")]]));
    const byMutation = await write("a", files);
    const store = await under.another();
    const found = await store.read(byMutation, [...files.keys()]);
    for (const [index, bytes] of [...files.values()].entries())
      expect(Buffer.from("bytes" in found[index]! ? found[index].bytes : []).equals(bytes)).toBe(true);
    const other = new Map([...files].map(([path, bytes]) => [path, Buffer.concat([bytes, Buffer.from("!")])]));
    const byObjects = commitOf(
      await store.apply("waybill/other", { ...changeOf("o", {}), writes: other, onto: byMutation }, soon()),
    );
    const ids = git(under.repository.path, ["ls-tree", byObjects]).split("\n");
    expect(ids.length).toBe(files.size + 1);
    for (const [path, bytes] of other) {
      const [read] = await (await under.another()).read(byObjects, [path]);
      expect(Buffer.from("bytes" in read! ? read.bytes : []).equals(bytes)).toBe(true);
    }
  });

  it("asks for the size before the bytes of a large blob", async () => {
    const blob = await under.put("blob", new Uint8Array(1024 * 1024 + 1));
    const tree = await under.put("tree", Buffer.concat([Buffer.from("100644 big\0"), Buffer.from(blob, "hex")]));
    const who = "E <e@x> 1760000000 +0000";
    const at = await under.put("commit", Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nBig\n`));
    under.asked();
    await expect(under.store.read(at, ["big"])).rejects.toMatchObject({ code: "state.limit.exceeded" });
    expect(under.asked()).not.toContain("git/get-blob");
  });

  it("writes more than one mutation takes by single objects, as one commit", async () => {
    const root = await write("root", new Map([["x", Buffer.from("1")]]));
    const many = new Map(Array.from({ length: 600 }, (_, i) => [`d/${i % 7}/${i}.json`, Buffer.from(`{"n":${i}}\n`)]));
    under.asked();
    const at = await write("many", many);
    expect(under.asked().filter((operation) => operation !== "query repository")).toEqual([
      "git/create-tree",
      "git/create-commit",
      "mutation updateRefs",
    ]);
    const commit = await under.store.commit(at);
    expect(commit.parents).toEqual([root]);
    expect(commit.trailers.get("Waybill-Seq")).toBe("2");
    expect((await collect(under.store.diff(root, at))).length).toBe(600);
  });

  it("replaces a program at a document's path by a document", async () => {
    const blob = await under.put("blob", Buffer.from("1"));
    const tree = await under.put("tree", Buffer.concat([Buffer.from("100755 a.json\0"), Buffer.from(blob, "hex")]));
    const who = "E <e@x> 1760000000 +0000";
    const base = await under.put("commit", Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nProgram\n`));
    await under.setBranch(BRANCH, base);
    const at = await write("a", new Map([["a.json", Buffer.from("2")]]));
    expect(await textAt(under.store, at, "a.json")).toBe("2");
  });

  it("reads branches by their full names, whatever else is called like them", async () => {
    const at = await write("root", new Map([["x", Buffer.from("1")]]));
    const evil = await under.put(
      "commit",
      Buffer.from(
        `tree ${git(under.repository.path, ["rev-parse", `${at}^{tree}`])}\nauthor E <e@x> 1 +0000\ncommitter E <e@x> 1 +0000\n\nEvil\n`,
      ),
    );
    for (const ref of [
      `refs/tags/${BRANCH}`,
      `refs/${BRANCH}`,
      `refs/tags/refs/heads/${BRANCH}`,
      `refs/heads/refs/heads/${BRANCH}`,
      `refs/remotes/origin/${BRANCH}`,
    ])
      git(under.repository.path, ["update-ref", ref, evil]);
    const store = await under.another();
    expect(await store.head(BRANCH)).toBe(at);
    expect([...(await store.branches("waybill/"))]).toEqual([[BRANCH, at]]);
    expect(await store.head("waybill/none")).toBeNull();
    const next = commitOf(await store.apply(BRANCH, changeOf("b", { y: "1" }), soon()));
    expect((await store.commit(next)).parents).toEqual([at]);
    expect(git(under.repository.path, ["rev-parse", `refs/tags/${BRANCH}`])).toBe(evil);
  });

  it("believes nothing that a replace ref puts in the place of an object", async () => {
    const at = await write("root", new Map([["x", Buffer.from("1")]]));
    const [found] = await under.store.read(at, ["x"]);
    const fake = await under.put("blob", Buffer.from("2"));
    git(under.repository.path, ["update-ref", `refs/replace/${found!.oid}`, fake]);
    const text = await textAt(await under.another(), at, "x").catch((error: unknown) =>
      error instanceof Error && "code" in error ? error.code : error,
    );
    expect(["1", "state.object.corrupt"]).toContain(text);
  });

  it("reads documents whatever attributes stand beside them", async () => {
    const files = new Map<string, Uint8Array>([
      ["a/.x", Buffer.from("1")],
      ["a/doc.json", Buffer.from("{}\n")],
    ]);
    const at = await write("root", files);
    const blob = await under.put("blob", Buffer.from("*.json text eol=crlf export-ignore filter=lfs\n"));
    const doc = (await under.store.read(at, ["a/doc.json"]))[0]!.oid;
    const entry = (name: string, oid: string) => [Buffer.from(`100644 ${name}\0`), Buffer.from(oid, "hex")];
    const tree = await under.put("tree", Buffer.concat([...entry(".gitattributes", blob), ...entry("doc.json", doc)]));
    const commit = await under.put(
      "commit",
      Buffer.from(`tree ${tree}\nauthor E <e@x> 1 +0000\ncommitter E <e@x> 1 +0000\n\nAttributes\n`),
    );
    expect(await textAt(under.store, commit, "doc.json")).toBe("{}\n");
    expect((await collect(under.store.diff(null, commit))).map(({ path }) => path)).toEqual([
      ".gitattributes",
      "doc.json",
    ]);
  });

  it("walks no tree that holds one folder a million times, and reads none with too many names", async () => {
    const blob = await under.put("blob", Buffer.from("1"));
    const entry = (mode: string, name: string, oid: string) => [
      Buffer.from(`${mode} ${name}\0`),
      Buffer.from(oid, "hex"),
    ];
    let tree = await under.put("tree", Buffer.concat(entry("100644", "x", blob)));
    for (let depth = 0; depth < 10; depth += 1) {
      const inner = tree;
      const names = Array.from({ length: depth < 7 ? 10 : 3000 }, (_, i) => String(i).padStart(4, "0"));
      tree = await under.put("tree", Buffer.concat(names.flatMap((name) => entry("40000", name, inner))));
    }
    const wide = Array.from({ length: 50_001 }, (_, i) => entry("100644", String(i).padStart(6, "0"), blob)).flat();
    const flat = await under.put("tree", Buffer.concat(wide));
    const root = await under.put(
      "tree",
      Buffer.concat([...entry("40000", "bomb", tree), ...entry("40000", "wide", flat)]),
    );
    const who = "E <e@x> 1760000000 +0000";
    const at = await under.put("commit", Buffer.from(`tree ${root}\nauthor ${who}\ncommitter ${who}\n\nBomb\n`));
    const { client } = under;
    const limits = { visits: 10_000 };
    const store = openForgeStore({ client, clock: systemClock, random: Math.random, limits });
    expect(await textAt(store, at, `bomb${"/0001".repeat(10)}/x`)).toBe("1");
    under.asked();
    const limit = { code: "state.limit.exceeded" };
    await expect(collect(store.diff(null, at))).rejects.toMatchObject(limit);
    expect(under.asked().length).toBeLessThan(20);
    await expect(store.read(at, ["wide/000001"])).rejects.toMatchObject(limit);
  });

  it("calls the repository by its name, never calls it shallow, and says when it is hidden", async () => {
    expect(under.store.location).toBe("acme/notes");
    expect(await under.store.isShallow()).toBe(false);
    const { store } = under.as({});
    await expect(store.head(BRANCH)).rejects.toMatchObject({ code: "state.push.unauthorised" });
  });
});
