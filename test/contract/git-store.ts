import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Oid } from "../../src/kernel/oid.ts";
import type { Change, Difference, GitStore } from "../../src/ports/git-store.ts";
import { testAct } from "../support/git-repo.ts";
import {
  blobsUntil,
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
import { describeHostileTrees } from "./git-store-hostile.ts";

/** Runs what every git store must do over one driver; `unstorable` names broken trees that its place never holds. */
export function describeGitStore(
  name: string,
  make: () => Promise<StoreUnderTest>,
  unstorable: readonly string[] = [],
): void {
  describe(`git store: ${name}`, () => {
    let under: StoreUnderTest;
    let store: GitStore;
    beforeEach(async () => {
      under = await make();
      store = under.store;
    });
    afterEach(() => under.close());

    const apply = async (change: Change, branch = BRANCH) => commitOf(await store.apply(branch, change, soon()));
    const differences = (from: Oid | null, to: Oid): Promise<Difference[]> => collect(store.diff(from, to));

    describe("reading", () => {
      it("reads files, folders, the root and nothing, in order", async () => {
        const at = await apply(changeOf("a", { "b.json": "1", "d/e/f.json": "2", "d.json": "3" }));
        const found = await store.read(at, ["d/e/f.json", "d", "", "d/x.json", "b.json/x", "d/e"]);
        expect(
          found.map((f) => (f === null ? null : "names" in f ? f.names : new TextDecoder().decode(f.bytes))),
        ).toEqual(["2", ["e/"], ["b.json", "d.json", "d/"], null, null, ["f.json"]]);
      });

      it("has no tip and no branches where nothing is", async () => {
        expect(await store.head(BRANCH)).toBeNull();
        expect((await store.branches("waybill/")).size).toBe(0);
        expect(await store.isShallow()).toBe(false);
      });

      it("lists branches below a prefix with their tips", async () => {
        const a = await apply(changeOf("a", { x: "1" }), "waybill/inbox/a");
        const b = await apply(changeOf("b", { x: "2" }), "waybill/inbox/b");
        await apply(changeOf("c", { x: "3" }), "waybill/inboxes");
        expect([...(await store.branches("waybill/inbox/"))]).toEqual([
          ["waybill/inbox/a", a],
          ["waybill/inbox/b", b],
        ]);
      });

      it("reads blobs by id in the order asked, also one twice, up to what stops their lists", async () => {
        const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f/${i}`, `text ${i}`]));
        const at = await apply(changeOf("a", files));
        const oids = (await differences(null, at)).map((d) => d.after!);
        const order = [...oids.toReversed(), oids[0]!];
        const blobs = (await collect(store.blobs([order]))).flat();
        expect(blobs.map((b) => b.oid)).toEqual(order);
        expect(new TextDecoder().decode(blobs.at(-1)!.bytes)).toBe("text 0");
        const error = new Error("no more");
        const lists = [oids.slice(0, 90), [], oids.slice(90, 270)];
        expect(await blobsUntil(store, lists, error)).toEqual({ seen: oids.slice(0, 270), error });
      });

      it("names what is missing", async () => {
        const at = await apply(changeOf("a", { x: "1" }));
        const absent = oidLike(at, "1");
        await expect(store.commit(absent)).rejects.toMatchObject({ code: "state.object.missing" });
        await expect(store.read(absent, ["x"])).rejects.toMatchObject({ code: "state.object.missing" });
        await expect(collect(store.blobs([[absent]]))).rejects.toMatchObject({ code: "state.object.missing" });
        expect(await textAt(store, at, "x")).toBe("1");
      });

      it("refuses an object of another kind", async () => {
        const at = await apply(changeOf("a", { x: "1" }));
        const { tree } = await store.commit(at);
        await expect(store.commit(tree)).rejects.toMatchObject({ code: "state.object.corrupt" });
        await expect(collect(store.blobs([[tree]]))).rejects.toMatchObject({ code: "state.object.corrupt" });
        expect(await textAt(store, at, "x")).toBe("1");
      });
    });

    describe("differences and history", () => {
      it("does not enter a folder that is not wanted, however deep it is", async () => {
        const a = await apply(changeOf("a", { "a/b/c.json": "1", "a/d/e.json": "1", "a.json": "1", "z/y.json": "1" }));
        const b = await apply(changeOf("b", { "a/b/c.json": null, "a/d/e.json": "2", "z/y.json": "2", "f.json": "3" }));
        const asked: string[] = [];
        const wanted = (folder: string) => {
          asked.push(folder);
          return folder === "a" || folder === "a/d";
        };
        const paths = async (from: Oid | null, to: Oid) =>
          (await collect(store.diff(from, to, wanted))).map(({ path }) => path);
        expect([await paths(null, a), await paths(a, b)]).toEqual([
          ["a.json", "a/d/e.json"],
          ["a/d/e.json", "f.json"],
        ]);
        expect([...new Set(asked)].toSorted()).toEqual(["a", "a/b", "a/d", "z"]);
      });

      it("lists files that differ by code point of path", async () => {
        const a = await apply(changeOf("a", { "a/b/c": "1", "a.b": "1", "a-b": "1", same: "1", "n/x": "1" }));
        const b = await apply(
          changeOf("b", { "a/b/c": "2", "a.b": null, "a/b.c": "3", "\u{1F600}": "4", "\uFF5E": "5" }),
        );
        const [one, two] = await Promise.all([differences(null, a), differences(a, b)]);
        expect(one.map((d) => d.path)).toEqual(["a-b", "a.b", "a/b/c", "n/x", "same"]);
        expect(two.map((d) => [d.path, d.before !== null, d.after !== null, d.mode])).toEqual([
          ["a.b", true, false, "000000"],
          ["a/b.c", false, true, "100644"],
          ["a/b/c", true, true, "100644"],
          ["\uFF5E", false, true, "100644"],
          ["\u{1F600}", false, true, "100644"],
        ]);
        expect(await differences(b, b)).toEqual([]);
      });

      it("walks first parents, newest first, back to and without a commit", async () => {
        const a = await apply(changeOf("a", { x: "1" }));
        const b = await apply(changeOf("b", { x: "2" }));
        const side = await apply(changeOf("s", { y: "1" }, { onto: a }), "waybill/side");
        const m = await apply(changeOf("m", { y: "1" }, { merge: side }));
        expect((await collect(store.log(null, m))).map((c) => c.commit)).toEqual([m, b, a]);
        expect((await collect(store.log(a, m))).map((c) => c.commit)).toEqual([m, b]);
        expect((await store.commit(m)).parents).toEqual([b, side]);
      });

      it("says of a commit what its raw object says", async () => {
        const a = await apply(changeOf("a", { x: "1" }, { message: "Add x\n\nBecause.\nWaybill-Seq: 99" }));
        const b = await apply(changeOf("b", { x: "2" }, { act: testAct("b", "2025-01-01T00:00:00Z") }));
        const [first, second] = [await store.commit(a), await store.commit(b)];
        expect(first).toMatchObject({ at: "2026-01-01T00:00:00Z", parents: [], subject: "Add x" });
        expect(first.author).toBe("Ada Lovelace <ada-example.invalid@waybill.invalid>");
        expect([...first.trailers]).toEqual([
          ["Waybill-Seq", "1"],
          ["Waybill-Operation", "op_a"],
          ["Waybill-Command", "dist test"],
          ["Waybill-Actor", "human:ada@example.invalid"],
          ["Waybill-Request", "req_a"],
        ]);
        // A clock that goes back does not take the branch with it.
        expect(second.at >= first.at).toBe(true);
        expect(second.at).toBe(under.isDatedByForge ? second.at : "2026-01-01T00:00:00Z");
        expect(second.trailers.get("Waybill-Seq")).toBe("2");
      });
    });

    describe("applying", () => {
      it("starts a missing branch with a root commit, or at a commit", async () => {
        const a = await apply(changeOf("a", { x: "1" }));
        const b = await apply(changeOf("b", { y: "2" }, { onto: a }), "waybill/other");
        expect((await store.commit(b)).parents).toEqual([a]);
        expect((await store.commit(b)).trailers.get("Waybill-Seq")).toBe("2");
        expect(await textAt(store, b, "x")).toBe("1");
        expect(await store.head("waybill/other")).toBe(b);
        expect(await store.head(BRANCH)).toBe(a);
      });

      it("gives the same commit for the same change", async () => {
        const a = await apply(changeOf("a", { "x/y": "1" }));
        const expected = under.algorithm === "sha1" ? SHA1_OF_A : SHA256_OF_A;
        expect(a).toBe(expected);
      });

      it("removes files, and folders with their last file", async () => {
        await apply(changeOf("a", { "a/b/c": "1", "a/b/d": "2", e: "3" }));
        const b = await apply(changeOf("b", { "a/b/c": null }));
        const c = await apply(changeOf("c", { "a/b/d": null, "not/there": null }));
        const d = await apply(changeOf("d", { e: null }));
        expect((await store.read(b, ["a/b"]))[0]).toMatchObject({ names: ["d"] });
        expect((await store.read(c, [""]))[0]).toMatchObject({ names: ["e"] });
        expect((await store.read(d, [""]))[0]).toMatchObject({ names: [] });
      });

      it("removes a folder with all that is in it, and puts a file beside its place", async () => {
        await apply(changeOf("a", { "a/b/c/d": "1", "a/b/e": "2", "a/f": "3" }));
        const b = await apply(changeOf("b", { "a/b": null, "a/b.ndjson": "4" }));
        expect((await store.read(b, ["a", "a/b", "a/b/c/d"])).map((f) => f && "names" in f && f.names)).toEqual([
          ["b.ndjson", "f"],
          null,
          null,
        ]);
      });

      it("makes trees again when another change did not touch what was read", async () => {
        const a = await apply(changeOf("a", { x: "1", "f/y": "1" }));
        const [x, f] = await store.read(a, ["x", "f"]);
        const other = await under.another();
        await other.apply(BRANCH, changeOf("o", { z: "other" }), soon());
        const reads = new Map([
          ["x", x!.oid],
          ["f", f!.oid],
          ["gone", null],
        ]);
        const b = await apply(changeOf("b", { x: "2" }, { reads }));
        expect([await textAt(store, b, "x"), await textAt(store, b, "z")]).toEqual(["2", "other"]);
        await other.close();
      });

      it("answers moved, and writes nothing, when another change touched what was read", async () => {
        const a = await apply(changeOf("a", { x: "1", "f/y": "1" }));
        const reads = new Map((await store.read(a, ["x", "f", ""])).map((f, i) => [["x", "f", ""][i]!, f!.oid]));
        const other = await under.another();
        const tip = commitOf(await other.apply(BRANCH, changeOf("o", { "f/z": "new", gone: "1" }), soon()));
        const change = changeOf("b", { x: "2" }, { reads: new Map<string, Oid | null>([...reads, ["gone", null]]) });
        expect(await store.apply(BRANCH, change, soon())).toEqual({ moved: ["", "f", "gone"], head: tip });
        expect(await store.head(BRANCH)).toBe(tip);
        await other.close();
      });

      it("answers the commit that is there when an operation is applied twice", async () => {
        const a = await apply(changeOf("a", { x: "1" }));
        const b = await apply(changeOf("b", { x: "2" }));
        expect(await apply(changeOf("a", { x: "1" }))).toBe(a);
        const other = await under.another();
        expect(commitOf(await other.apply(BRANCH, changeOf("b", { x: "9" }), soon()))).toBe(b);
        expect(await other.head(BRANCH)).toBe(b);
        await other.close();
      });

      it("lands each of many changes made at once, in one line", async () => {
        await apply(changeOf("root", { x: "1" }));
        const names = Array.from({ length: 12 }, (_, i) => `n${i}`);
        const others = await Promise.all([under.another(), under.another()]);
        const stores = [store, ...others];
        await Promise.all(names.map((n, i) => stores[i % 3]!.apply(BRANCH, changeOf(n, { [`d/${n}`]: n }), soon())));
        const log = await collect(store.log(null, (await store.head(BRANCH))!));
        expect(log.map((c) => c.trailers.get("Waybill-Seq"))).toEqual(
          Array.from({ length: 13 }, (_, i) => `${13 - i}`),
        );
        expect(new Set(log.map((c) => c.trailers.get("Waybill-Operation"))).size).toBe(13);
        expect((await store.read(log[0]!.commit, ["d"]))[0]).toMatchObject({ names: names.toSorted() });
        await Promise.all(others.map((other) => other.close()));
      });

      it("ends with a conflict at the deadline when the branch cannot be moved", async () => {
        const a = await apply(changeOf("a", { x: "1" }));
        const release = await under.hold(BRANCH);
        const attempt = store.apply(BRANCH, changeOf("b", { x: "2" }), new Date(Date.now() + 300));
        await expect(attempt).rejects.toMatchObject({ code: "state.push.conflict", data: { branch: BRANCH } });
        await release();
        const b = await apply(changeOf("b", { x: "2" }));
        expect((await collect(store.log(null, b))).map((c) => c.commit)).toContain(a);
      });

      it("says that a branch is missing when a change read something of it", async () => {
        const change = changeOf("a", { x: "1" }, { reads: new Map([["y", oidLike("0".repeat(40), "1")]]) });
        await expect(store.apply(BRANCH, change, soon())).rejects.toMatchObject({ code: "state.branch.missing" });
        expect(await store.head(BRANCH)).toBeNull();
      });

      it("keeps the trailers to one line each and the author line whole", async () => {
        const act = { ...testAct("a"), command: "x\nWaybill-Seq: 7", requestId: "" };
        const actor = { kind: "human" as const, name: "E <v>\n\u202eil, ", id: "> \nx", verified: false };
        const a = await apply(changeOf("a", { x: "1" }, { act: { ...act, actor }, message: "\n\n" }));
        const commit = await store.commit(a);
        expect(commit.trailers.get("Waybill-Seq")).toBe("1");
        expect(commit.trailers.get("Waybill-Command")).toBe("x\\u{a}Waybill-Seq: 7");
        expect(commit.author).toBe("E v\\u{a}\\u{202e}il <x@waybill.invalid>");
      });
    });

    describe("dropping and replacing", () => {
      it("drops a branch at its tip, not a moved one, and takes a missing one as dropped", async () => {
        const a = await apply(changeOf("a", { x: "1" }), "waybill/proposals/p");
        const b = await apply(changeOf("b", { x: "2" }), "waybill/proposals/p");
        await expect(store.drop("waybill/proposals/p", a)).rejects.toMatchObject({ code: "state.push.conflict" });
        expect(await store.head("waybill/proposals/p")).toBe(b);
        await store.drop("waybill/proposals/p", b);
        expect(await store.head("waybill/proposals/p")).toBeNull();
        await store.drop("waybill/proposals/p", b);
      });

      it("replaces the snapshot branch by one commit without parent, and no other branch", async () => {
        await store.replace("waybill/snapshot", new Map([["a.db", bytes("1")]]), testAct("a"));
        const b = await store.replace("waybill/snapshot", new Map([["b.db", bytes("2")]]), testAct("b"));
        expect(await store.head("waybill/snapshot")).toBe(b);
        expect((await store.commit(b)).parents).toEqual([]);
        expect((await store.read(b, [""]))[0]).toMatchObject({ names: ["b.db"] });
        await expect(store.replace(BRANCH, new Map(), testAct("c"))).rejects.toMatchObject({ code: "internal.bug" });
      });
    });

    describeHostileTrees(() => under, unstorable);
  });
}

const SHA1_OF_A = "75a91117eb662b6b17450e81a4a62b52c8552039";
const SHA256_OF_A = "8c386128ab0a022b3a91e8db1332cdb85d775e61ef84d5b3aadd6e4ca3170090";
