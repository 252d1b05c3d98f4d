import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffTrees } from "../../../../src/platform/git/diff.ts";
import { defaultLimits } from "../../../../src/platform/git/limits.ts";
import { objectDatabase } from "../../../../src/platform/git/object-database.ts";
import { gitObject, type GitObject, missing } from "../../../../src/platform/git/objects.ts";
import { splice } from "../../../../src/platform/git/splice.ts";
import { FILE, FOLDER, type TreeEntry } from "../../../../src/platform/git/tree-entry.ts";
import { decodeTree, treeOf } from "../../../../src/platform/git/tree.ts";
import { twinOfName } from "../../../../src/platform/git/twins.ts";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { isOid, type Oid } from "../../../../src/kernel/oid.ts";
import { byCodePoint } from "../../../../src/kernel/text.ts";
import { bytes, collect, oidLike } from "../../../support/store-under-test.ts";

const OID = oidLike("0".repeat(40), "a");

/** A database over a map, without any driver. */
function database(limits = {}) {
  const objects = new Map<Oid, GitObject>();
  const raw = {
    algorithm: "sha1" as const,
    async read(oid: Oid) {
      const found = objects.get(oid);
      if (found === undefined) throw missing(oid);
      return found.content;
    },
    async write(made: readonly GitObject[]) {
      for (const object of made) objects.set(object.oid, object);
    },
    close: async () => {},
  };
  return { objects, database: objectDatabase(raw, { ...defaultLimits, ...limits }) };
}

function oidText(hex: string): Oid {
  if (!isOid(hex)) throw new Error(`${hex} is no object id`);
  return hex;
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    return error instanceof ToolError ? error.code : String(error);
  }
}

const names = fc.constantFrom("a", "b", "a.b", "a-b", "ab", "\uFF5E", "\u{1F600}", "0");
const paths = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const files = fc.dictionary(paths, fc.constantFrom("1", "2", "3"), { maxKeys: 20 }).map((all) => {
  // A path that is also a folder of another cannot be a file.
  const keys = Object.keys(all);
  return new Map(Object.entries(all).filter(([path]) => !keys.some((key) => key.startsWith(`${path}/`))));
});

describe("trees", () => {
  it("reads back what it wrote, in git's order", () => {
    const entry = fc
      .record({ mode: fc.constantFrom(FILE, FOLDER), name: names })
      .map((e): TreeEntry => ({ ...e, oid: OID, raw: null }));
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (e) => e.name }), (entries) => {
        const tree = decodeTree(OID, treeOf(entries, "sha1").content, "sha1", 100);
        expect(tree.entries).toHaveLength(entries.length);
        expect(new Set(tree.entries)).toEqual(new Set(entries));
        expect(tree.count).toBe(entries.length);
      }),
    );
  });

  it("answers with entries or a typed error, whatever bytes it is given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
        expect(["", "state.object.corrupt", "state.limit.exceeded"]).toContain(
          codeOf(() => decodeTree(OID, content, "sha1", 3)),
        );
      }),
    );
  });

  it("finds an entry by its name alone, whatever bytes look like its name", () => {
    // Ends of longer names, entries inside of names, ids that hold a name with its end, and names that are no text.
    const tricky = fc.constantFrom("a", "b", "a b", "b a", "100644 a", "x 40000 a", "\uFFFD", "raw");
    const id = fc.constantFrom("00", "61", "6100", "2061003130303634342061").map((hex) => oidText(hex.padEnd(40, "0")));
    const entry = fc.record({ mode: fc.constantFrom(FILE, FOLDER, "100755"), name: tricky, oid: id });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (e) => e.name, minLength: 1 }), tricky, (entries, name) => {
        const made = entries.map((one) => ({ ...one, raw: one.name === "raw" ? Uint8Array.of(0xff) : null }));
        const tree = decodeTree(OID, treeOf(made, "sha1").content, "sha1", 100);
        const found = [name, "\ud800", ""].map((one) => tree.find(one));
        expect(found).toEqual([tree.byName.get(name), undefined, undefined]);
        for (let i = 0; i < 20; i += 1) expect(tree.find(name)).toEqual(tree.byName.get(name));
      }),
    );
  });

  it("reads a tree as it is, whichever was read before it", () => {
    const entry = fc.record({
      mode: fc.constantFrom(FILE, FOLDER, "100755"),
      name: names,
      id: fc.constantFrom("a", "b"),
    });
    const trees = fc.uniqueArray(entry, { selector: (e) => e.name }).map((entries) => {
      const made = entries.map(({ mode, name, id }) => ({ mode, name, oid: oidLike("0".repeat(40), id), raw: null }));
      return treeOf(made, "sha1").content;
    });
    const outcome = (content: Uint8Array, like?: Uint8Array) => {
      try {
        const before = like && decodeTree(OID, like, "sha1", 100);
        return decodeTree(OID, content, "sha1", 4, before).entries;
      } catch (error) {
        return error instanceof ToolError ? error.message : String(error);
      }
    };
    const edit = fc.record({ at: fc.nat(400), drop: fc.nat(30), put: fc.uint8Array({ maxLength: 30 }) });
    fc.assert(
      fc.property(trees, trees, fc.option(edit), (like, wanted, damage) => {
        const content = Buffer.from(wanted);
        const { at, drop, put } = damage ?? { at: 0, drop: 0, put: new Uint8Array() };
        const bytesOf = Buffer.concat([content.subarray(0, at), put, content.subarray(at + drop)]);
        expect(outcome(bytesOf, like)).toEqual(outcome(bytesOf));
        expect(outcome(bytesOf, wanted)).toEqual(outcome(bytesOf));
      }),
      { numRuns: 1000 },
    );
  });

  it("names a neighbour from which a new file or folder differs only by case", async () => {
    const { database: objects } = database();
    const tree = async (all: readonly string[]): Promise<Oid> => {
      const made = await Promise.all(
        [...new Set(all.map((path) => path.split("/")[0] ?? ""))].map(async (name): Promise<TreeEntry> => {
          const below = all.filter((path) => path.startsWith(`${name}/`)).map((path) => path.slice(name.length + 1));
          return below.length === 0
            ? { mode: FILE, name, oid: OID, raw: null }
            : { mode: FOLDER, name, oid: await tree(below), raw: null };
        }),
      );
      const object = gitObject("sha1", "tree", treeOf(made, "sha1").content);
      await objects.write([object]);
      return object.oid;
    };
    const twins = async (before: readonly string[], after: readonly string[]) =>
      (await collect(diffTrees(objects, await tree(before), await tree(after)))).map(({ path, twin }) => [path, twin]);
    expect(await twins(["a/b"], ["a/b", "a/B"])).toEqual([["a/B", "a/b"]]);
    expect(await twins(["a/b"], ["a/b", "A/c/d", "A/e"])).toEqual([
      ["A/c/d", "a"],
      ["A/e", undefined],
    ]);
    expect(await twins(["a/b"], ["a/B"])).toEqual([
      ["a/B", undefined],
      ["a/b", undefined],
    ]);
  });

  it("finds neighbours of that kind in no time where names are as long as a tree may be", () => {
    const long = "n".repeat(29_000);
    const tree = treeOf(
      ["twin", "TWIN", ...Array.from({ length: 510 }, (_, i) => `${i}${long}`)].map((name) => ({
        mode: FILE,
        name,
        oid: OID,
        raw: null,
      })),
      "sha1",
    );
    // Looking through all bytes for each of them would take half a minute.
    const found = tree.entries.map(({ name }) => twinOfName(tree, name));
    expect(found.filter((twin) => twin !== undefined)).toEqual(["twin", "TWIN"]);
  });

  it("splices and walks differences as a plain list of files would change", async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (before, after) => {
        const { database: objects } = database();
        const writes = (from: Map<string, string>, to: Map<string, string>) =>
          new Map<string, Uint8Array | null>([
            ...[...from.keys()].filter((path) => !to.has(path)).map((path) => [path, null] as const),
            ...[...to].map(([path, text]) => [path, bytes(text)] as const),
          ]);
        const one = await splice(objects, null, writes(new Map(), before));
        await objects.write(one.objects);
        // Removing first lets a file become a folder, which one change may not do.
        const removed = await splice(objects, one.tree, writes(before, new Map()));
        await objects.write(removed.objects);
        const two = await splice(objects, removed.tree, writes(new Map(), after));
        await objects.write(two.objects);
        expect(two.tree).toBe((await splice(database().database, null, writes(new Map(), after))).tree);
        const changed = await collect(diffTrees(objects, one.tree, two.tree));
        const expected = [...new Set([...before.keys(), ...after.keys()])].filter(
          (path) => before.get(path) !== after.get(path),
        );
        expect(changed.map((d) => d.path)).toEqual(expected.toSorted(byCodePoint));
      }),
    );
  });

  it("makes again only the folders on the way", async () => {
    const { database: objects } = database();
    const base = await splice(objects, null, new Map(["a/b/c", "a/d/e", "f/g"].map((path) => [path, bytes(path)])));
    await objects.write(base.objects);
    const next = await splice(objects, base.tree, new Map([["a/b/x", bytes("x")]]));
    expect(next.objects.map((object) => object.kind).toSorted(byCodePoint)).toEqual(["blob", "tree", "tree", "tree"]);
    expect((await splice(objects, base.tree, new Map([["f/g", bytes("f/g")]]))).objects).toEqual([]);
  });

  it("ends the walk of a tree bomb in bounded time", async () => {
    const { database: objects } = database({ visits: 20_000 });
    const blob = gitObject("sha1", "blob", bytes("1"));
    let tree = blob.oid;
    for (let depth = 0; depth < 10; depth += 1) {
      const entries = Array.from({ length: 20 }, (_, i) => ({
        mode: depth === 0 ? FILE : FOLDER,
        name: `n${i}`,
        oid: tree,
        raw: null,
      }));
      const made = gitObject("sha1", "tree", treeOf(entries, "sha1").content);
      await objects.write([made]);
      tree = made.oid;
    }
    await expect(collect(diffTrees(objects, null, tree))).rejects.toMatchObject({ code: "state.limit.exceeded" });
  });

  it("finds a file and a folder of one name damaged, though they are in order", () => {
    const entries = [FILE, FOLDER].map((mode) => ({ mode, name: "a", oid: OID, raw: null }));
    const { content } = treeOf([...entries, { mode: FILE, name: "a.b", oid: OID, raw: null }], "sha1");
    expect(codeOf(() => decodeTree(OID, content, "sha1", 9))).toBe("state.object.corrupt");
  });

  it("refuses a folder of more entries than it may have, before they are all read", () => {
    const entries = Array.from({ length: 20 }, (_, i) => ({ mode: FILE, name: `n${i}`, oid: OID, raw: null }));
    const { content } = treeOf(entries, "sha1");
    expect(() => decodeTree(OID, content, "sha1", 19)).toThrowError(
      expect.objectContaining({ code: "state.limit.exceeded" }),
    );
  });

  it("keeps of a folder the latest tree, for who does not come back to an older one", async () => {
    const asked: Oid[] = [];
    const { objects, database: all } = database();
    const raw = {
      algorithm: "sha1" as const,
      read: async (oid: Oid) => {
        asked.push(oid);
        return objects.get(oid)?.content ?? bytes("");
      },
      write: async () => {},
      close: async () => {},
    };
    const trees = ["1", "2", "3"].map((text) => {
      const oid = oidLike(OID, text);
      return gitObject("sha1", "tree", treeOf([{ mode: FILE, name: "a", oid, raw: null }], "sha1").content);
    });
    await all.write(trees);
    const [one, two, three] = trees.map(({ oid }) => oid);
    const passing = objectDatabase(raw, defaultLimits);
    await passing.treePairs([[null, one!]]);
    await passing.treePairs([[one!, two!]]);
    await passing.treePairs([[two!, three!]]);
    expect(asked).toEqual([one, two, three]);
    await passing.treePairs([[one!, three!]]);
    expect(asked.slice(3)).toEqual([one, three]);
  });
});
