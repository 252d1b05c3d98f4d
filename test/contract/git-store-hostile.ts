import { describe, expect, it } from "vitest";
import type { Oid } from "../../src/kernel/oid.ts";
import type { Difference } from "../../src/ports/git-store.ts";
import {
  BRANCH,
  bytes,
  changeOf,
  collect,
  commitOf,
  oidLike,
  soon,
  type StoreUnderTest,
  textAt,
} from "../support/store-under-test.ts";

type Entry = readonly [mode: string, name: string | Uint8Array, oid: Oid];

function treeBytes(entries: readonly Entry[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap(([mode, name, oid]) => [
      Buffer.from(`${mode} `),
      typeof name === "string" ? Buffer.from(name) : name,
      Buffer.of(0),
      Buffer.from(oid, "hex"),
    ]),
  );
}

/** What a store must do with objects that no writer of ours makes. */
export function describeHostileTrees(under: () => StoreUnderTest, unstorable: readonly string[]): void {
  const plant = async (entries: readonly Entry[]): Promise<Oid> => {
    const tree = await under().put("tree", treeBytes(entries));
    return plantTree(tree);
  };
  const plantTree = async (tree: Oid): Promise<Oid> => {
    const who = "Eve <eve@example.invalid> 1760000000 +0000";
    const commit = await under().put("commit", bytes(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nPlant\n`));
    await under().setBranch(BRANCH, commit);
    return commit;
  };
  const reading = async (at: Oid, path: string): Promise<unknown> => {
    const store = await under().another();
    try {
      return await store.read(at, [path]);
    } finally {
      await store.close();
    }
  };
  const differences = async (to: Oid): Promise<Difference[]> => {
    const store = await under().another();
    try {
      return await collect(store.diff(null, to));
    } finally {
      await store.close();
    }
  };

  describe("hostile branches", () => {
    it("names links, submodules and programs, and reads none of them", async () => {
      const blob = await under().put("blob", bytes("/etc/passwd"));
      const foreign = oidLike(blob, "2");
      const at = await plant([
        ["120000", "link", blob],
        ["160000", "module", foreign],
        ["100755", "program", blob],
        ["100644", "text", blob],
      ]);
      expect((await differences(at)).map((d) => [d.path, d.mode])).toEqual([
        ["link", "120000"],
        ["module", "160000"],
        ["program", "100755"],
        ["text", "100644"],
      ]);
      const store = await under().another();
      expect(await store.read(at, ["link", "module", "module/x", "program", "link/x"])).toEqual([
        null,
        null,
        null,
        null,
        null,
      ]);
      expect((await store.read(at, [""]))[0]).toMatchObject({ names: ["text"] });
      await store.close();
    });

    it("counts no sequence after a parent that has none", async () => {
      const blob = await under().put("blob", bytes("1"));
      await plant([["100644", "a", blob]]);
      const store = await under().another();
      const at = commitOf(await store.apply(BRANCH, changeOf("a", { b: "2" }), soon()));
      const commit = await store.commit(at);
      expect(commit.trailers.has("Waybill-Seq")).toBe(false);
      expect(commit.trailers.get("Waybill-Operation")).toBe("op_a");
      await store.close();
    });

    it("keeps names that it does not know how to read, and finds nothing by them", async () => {
      const blob = await under().put("blob", bytes("1"));
      const at = await plant([
        ["100644", "..", blob],
        ["100644", ".git", blob],
        ["100644", "a\nb", blob],
        ["100644", Buffer.from([0xff, 0xfe]), blob],
      ]);
      const store = await under().another();
      const next = commitOf(await store.apply(BRANCH, changeOf("a", { ok: "2" }), soon()));
      const names = (await differences(next)).map((d) => d.path);
      expect(names).toEqual(["..", ".git", "a\nb", "ok", "\uFFFD\uFFFD"]);
      expect(await textAt(store, at, "\uFFFD\uFFFD")).toBeNull();
      expect((await store.read(at, [""]))[0]).toMatchObject({ names: ["..", ".git", "a\nb"] });
      await store.close();
    });

    it.each(BROKEN_TREES.filter(([what]) => !unstorable.includes(what)))(
      "finds a tree with %s damaged",
      async (_what, content) => {
        const blob = await under().put("blob", bytes("1"));
        const at = await plantTree(await under().put("tree", content(blob)));
        // A remote may refuse to send such a tree at all; then opening the store says so.
        await expect(reading(at, "a")).rejects.toMatchObject({ code: "state.object.corrupt" });
        await expect(differences(at)).rejects.toMatchObject({ code: "state.object.corrupt" });
      },
    );

    it("finds an overwritten object, of every kind", async () => {
      const { store } = under();
      const at = commitOf(await store.apply(BRANCH, changeOf("a", { "d/x": "document" }), soon()));
      const { tree } = await store.commit(at);
      const [found] = await store.read(at, ["d/x"]);
      for (const oid of [found!.oid, tree, at]) {
        await under().damage(oid);
        const other = await under().another();
        await expect(other.read(at, ["d/x"])).rejects.toMatchObject({ code: "state.object.corrupt" });
        await other.close();
      }
    });

    it("refuses what is too deep, too large or too many, and still answers the next question", async () => {
      let tree = await under().put("tree", treeBytes([["100644", "x", await under().put("blob", bytes("1"))]]));
      for (let depth = 0; depth < 13; depth += 1) tree = await under().put("tree", treeBytes([["40000", "d", tree]]));
      const large = await under().put("blob", new Uint8Array(1024 * 1024 + 1));
      const at = await plant([
        ["40000", "deep", tree],
        ["100644", "large", large],
        ["100644", "small", await under().put("blob", bytes("s"))],
      ]);
      const store = await under().another();
      const limit = { code: "state.limit.exceeded" };
      await expect(store.read(at, [`deep/${"d/".repeat(13)}x`])).rejects.toMatchObject(limit);
      await expect(store.read(at, ["small", "large"])).rejects.toMatchObject(limit);
      await expect(differences(at)).rejects.toMatchObject(limit);
      await expect(store.apply(BRANCH, changeOf("a", { [`${"d/".repeat(12)}x`]: "1" }), soon())).rejects.toMatchObject(
        limit,
      );
      expect(await textAt(store, at, "small")).toBe("s");
      await store.close();
    });

    it("does not write a path that git or a file system reads in its own way", async () => {
      const { store } = under();
      for (const path of HOSTILE_PATHS) {
        const attempt = store.apply(BRANCH, changeOf("a", { [path]: "1" }), soon());
        await expect(attempt).rejects.toMatchObject({ code: "internal.bug" });
      }
      expect(await store.head(BRANCH)).toBeNull();
    });

    it("does not write a file where a folder is, the reverse, or a twin by case", async () => {
      const { store } = under();
      const at = commitOf(await store.apply(BRANCH, changeOf("a", { "d/x": "1", f: "1" }), soon()));
      const attempts: Readonly<Record<string, string | null>>[] = [
        { d: "1" },
        { "f/x": "1" },
        { F: "1" },
        { "D/y": "1" },
        { g: "1", G: "1" },
      ];
      for (const files of attempts) {
        await expect(store.apply(BRANCH, changeOf("b", files), soon())).rejects.toMatchObject({
          code: "state.writer.exists",
        });
      }
      expect(await store.head(BRANCH)).toBe(at);
    });

    it("takes nothing for a branch that could mean another ref", async () => {
      for (const branch of ["", "waybill/../x", "waybill/x.lock", "-x", "waybill//x", "waybill/x y", "x~1", "HEAD:x"]) {
        await expect(under().store.head(branch)).rejects.toMatchObject({ code: "usage.invalid_argument" });
      }
    });
  });
}

const HOSTILE_PATHS = [
  "",
  "a//b",
  "/a",
  "a/",
  "..",
  "a/../b",
  "./a",
  "a\\b",
  "a\nb",
  "a.",
  "a ",
  "a:b",
  "e\u0301",
  "\u202ea",
  ".git/x",
  "x/.GIT",
  "git~1",
  ".gitmodules",
  ".gitattributes",
  "con",
  "x/NUL.json",
];

const BROKEN_TREES: readonly (readonly [what: string, content: (oid: Oid) => Uint8Array])[] = [
  ["a cut entry", (oid: Oid) => treeBytes([["100644", "a", oid]]).subarray(0, 20)],
  [
    "a wrong order",
    (oid: Oid) =>
      treeBytes([
        ["100644", "b", oid],
        ["100644", "a", oid],
      ]),
  ],
  [
    "a name twice",
    (oid: Oid) =>
      treeBytes([
        ["100644", "a", oid],
        ["100644", "a", oid],
      ]),
  ],
  [
    "a file and a folder of one name",
    (oid: Oid) =>
      treeBytes([
        ["100644", "a", oid],
        ["100644", "a.b", oid],
        ["40000", "a", oid],
      ]),
  ],
  ["an empty name", (oid: Oid) => treeBytes([["100644", "", oid]])],
  ["a slash in a name", (oid: Oid) => treeBytes([["100644", "a/b", oid]])],
  ["a padded mode", (oid: Oid) => treeBytes([["040000", "a", oid]])],
  ["no mode", (oid: Oid) => treeBytes([["", "a", oid]])],
];
