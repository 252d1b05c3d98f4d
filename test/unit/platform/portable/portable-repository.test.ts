import {
  appendFileSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { getuid } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { openPortableStore, type PortableStoreOptions } from "../../../../src/platform/portable/portable-store.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { gitlessEnv } from "../../../support/portable-under-test.ts";
import { BRANCH, changeOf, collect, commitOf, soon, textAt } from "../../../support/store-under-test.ts";

describe("portable git store on a repository on disk", () => {
  let folder: ReturnType<typeof makeFolder>;
  let repo: string;
  let opened: GitStore[];
  beforeEach(() => {
    folder = makeFolder();
    opened = [];
    repo = join(folder.path, "r.git");
    git(folder.path, ["init", "-q", "--bare", repo]);
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    folder.remove();
  });
  const open = async (more: Partial<PortableStoreOptions> = {}): Promise<GitStore> => {
    const store = await openPortableStore({ location: repo, env: gitlessEnv(folder.path), ...more });
    opened.push(store);
    return store;
  };
  const openNative = async (): Promise<GitStore> => {
    const store = await openNativeStore({ location: repo, env: testEnv(folder.path) });
    opened.push(store);
    return store;
  };
  const put = async (store: GitStore, name: string, files: Record<string, string | null>, branch = BRANCH) =>
    commitOf(await store.apply(branch, changeOf(name, files), soon()));

  it("makes the same commits as the native driver does, byte by byte", async () => {
    const copy = join(folder.path, "copy.git");
    git(folder.path, ["init", "-q", "--bare", copy]);
    const portable = await open();
    const native = await openNativeStore({ location: copy, env: testEnv(folder.path) });
    opened.push(native);
    const changes: Record<string, string | null>[] = [
      { "a/b/c.json": "1", "a/b.json": "é", "z.json": "" },
      { "a/b/c.json": "2", "a/b-c/d.json": "x".repeat(5000) },
      { "a/b": null, "a/b.ndjson": "3" },
      { "z.json": null, "deep/er/and/deeper.json": "4" },
    ];
    for (const [i, files] of changes.entries())
      expect(await put(portable, `n${i}`, files)).toBe(await put(native, `n${i}`, files));
    for (const [at, other] of [
      [repo, copy],
      [copy, repo],
    ] as const)
      expect(git(at, ["rev-list", "--objects", "--all"])).toBe(git(other, ["rev-list", "--objects", "--all"]));
    expect(git(repo, ["fsck", "--strict", "--full"])).toBe("");
  });

  it("loses nothing where it races native writers", async () => {
    await put(await open(), "root", { x: "0" });
    const stores = await Promise.all([open(), openNative(), open(), openNative()]);
    const names = Array.from({ length: 24 }, (_, i) => `n${i}`);
    const deadline = new Date(Date.now() + 60_000);
    await Promise.all(
      names.map((name, i) => stores[i % stores.length]!.apply(BRANCH, changeOf(name, { [name]: name }), deadline)),
    );
    const tip = git(repo, ["rev-parse", BRANCH]);
    expect(git(repo, ["rev-list", "--count", tip])).toBe("25");
    expect(git(repo, ["ls-tree", "--name-only", tip]).split("\n")).toEqual([...names, "x"].toSorted());
    expect(existsSync(join(repo, `refs/heads/${BRANCH}.lock`))).toBe(false);
  });

  it("goes on while git packs objects and refs beneath it, and reads many at once from a pack it has not seen", async () => {
    const store = await open();
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`f/${i}`, `text ${i} ${"same ".repeat(50)}`]),
    );
    const a = await put(store, "a", files);
    const b = await put(store, "b", { "f/7": "other" });
    git(repo, ["pack-refs", "--all"]);
    git(repo, ["repack", "-adq", "--depth=50", "--window=50"]);
    git(repo, ["prune-packed"]);
    expect(git(repo, ["count-objects"])).toMatch(/^0 objects/);
    for (const reader of [store, await open()]) {
      expect(await reader.head(BRANCH)).toBe(b);
      const found = await Promise.all(Object.keys(files).map((path) => textAt(reader, a, path)));
      expect(found).toEqual(Object.values(files));
    }
    const c = await put(store, "c", { y: "2" });
    git(repo, ["repack", "-adq"]);
    expect(await textAt(store, c, "f/7")).toBe("other");
  });

  it("drops a branch that is packed, and keeps the others and what git knows of tags", async () => {
    const store = await open();
    const a = await put(store, "a", { x: "1" });
    git(repo, ["tag", "-m", "one", "v1", a]);
    await put(store, "b", { x: "2" }, "waybill/proposals/p");
    git(repo, ["pack-refs", "--all"]);
    const tip = await store.head("waybill/proposals/p");
    await store.drop("waybill/proposals/p", tip!);
    expect(git(repo, ["for-each-ref", "--format=%(refname)"])).toBe(`refs/heads/${BRANCH}\nrefs/tags/v1`);
    expect(git(repo, ["rev-parse", "v1^{}"])).toBe(a);
    // A folder that is left empty makes room for a branch of its name.
    await put(store, "c", { x: "3" }, "waybill/proposals");
    await expect(
      store.apply("waybill/proposals/q", changeOf("d", { x: "4" }), new Date(Date.now() + 100)),
    ).rejects.toMatchObject({ code: "state.push.conflict" });
    expect(git(repo, ["fsck", "--strict"])).not.toMatch(/error/);
  });

  it("says what is wrong with a place that is no repository for it", async () => {
    const refused = (location: string, code: string, more: Partial<PortableStoreOptions> = {}) =>
      expect(open({ location, ...more })).rejects.toMatchObject({ code });
    await refused(join(folder.path, "nowhere"), "state.repository.missing");
    await refused(folder.path, "state.repository.missing");
    await refused("git@example.invalid:acme/notes.git", "state.repository.unsupported");
    await refused("ssh://example.invalid/notes.git", "state.repository.unsupported");
    const made = (name: string, ...args: readonly string[]) => {
      git(folder.path, ["init", "-q", "--bare", ...args, name]);
      return join(folder.path, name);
    };
    const reftable = made("reftable.git");
    mkdirSync(join(reftable, "reftable"));
    await refused(reftable, "state.repository.unsupported");
    await refused(made("two\nlines.git"), "state.repository.unsupported");
    await refused(made("sha256.git", "--object-format=sha256"), "state.repository.unsupported");
    for (const [i, text] of [
      "[extensions]\n\tpartialClone = origin\n",
      '[remote "origin"]\n\tpromisor = true\n',
      "[extensions] refStorage = reftable",
      "[core]\n\trepositoryformatversion = 2\n",
      "[extensions]\n\tsomethingNew = 1\n",
      "no configuration\n",
    ].entries()) {
      const path = made(`config${i}.git`);
      appendFileSync(join(path, "config"), text);
      await refused(path, "state.repository.unsupported");
    }
    await put(await open(), "a", { x: "1" });
    cpSync(repo, join(folder.path, "other.git"), { recursive: true });
    writeFileSync(join(repo, "commondir"), "../other.git\n");
    await refused(repo, "state.repository.unsupported");
  });

  it("asks the user's settings whether a bare repository may be used where it lies", async () => {
    writeFileSync(join(folder.path, ".gitconfig"), "[safe]\n\tbareRepository = explicit\n");
    const refusal = { code: "state.repository.unsafe", data: { setting: "safe.bareRepository" } };
    await expect(open()).rejects.toMatchObject(refusal);
  });

  // Only root can give a repository to somebody else.
  it.skipIf(getuid?.() !== 0)("trusts the repository of another user only where the user says so", async () => {
    chownSync(repo, 12345, 12345);
    const refusal = { code: "state.repository.unsafe", data: { setting: "safe.directory" } };
    await expect(open()).rejects.toMatchObject(refusal);
    appendFileSync(join(repo, "config"), "[safe]\n\tdirectory = *\n");
    await expect(open()).rejects.toMatchObject(refusal);
    writeFileSync(join(folder.path, ".gitconfig"), `[safe] directory = "${repo}" # mine\n`);
    await expect(open()).resolves.toBeDefined();
  });

  it("refuses a symbolic ref in the place of a branch, and lists no link and no lock", async () => {
    const store = await open();
    const a = await put(store, "a", { x: "1" });
    symlinkSync("/etc", join(repo, "refs/heads/waybill/etc"));
    writeFileSync(join(repo, "refs/heads/waybill/x.lock"), "");
    expect([...(await store.branches("waybill/"))]).toEqual([[BRANCH, a]]);
    git(repo, ["symbolic-ref", "refs/heads/waybill/alias", `refs/heads/${BRANCH}`]);
    await expect(store.head("waybill/alias")).rejects.toMatchObject({ code: "state.repository.unsupported" });
  });

  it("finds the repository of a folder inside a work tree, and of a linked one, and writes its log of moves", async () => {
    const work = join(folder.path, "work");
    git(folder.path, ["init", "-q", work]);
    git(work, ["commit", "-q", "--allow-empty", "-m", "x"]);
    git(work, ["worktree", "add", "-q", "../linked"]);
    mkdirSync(join(work, "sub"));
    const a = await put(await open({ location: join(work, "sub") }), "a", { x: "1" });
    const linked = await open({ location: join(folder.path, "linked") });
    expect(await linked.head(BRANCH)).toBe(a);
    const b = await put(linked, "b", { x: "2" });
    expect(git(work, ["rev-parse", `refs/heads/${BRANCH}`])).toBe(b);
    expect(git(work, ["reflog", "show", "--format=%H", BRANCH])).toBe(`${b}\n${a}`);
    await put(await open(), "c", { x: "1" });
    expect(existsSync(join(repo, "logs", "refs"))).toBe(false);
  });

  it("names the lock that a killed writer left", async () => {
    const store = await open();
    await put(store, "a", { x: "1" });
    writeFileSync(join(repo, `refs/heads/${BRANCH}.lock`), "");
    await expect(store.apply(BRANCH, changeOf("b", { x: "2" }), new Date(0))).rejects.toMatchObject({
      code: "state.push.conflict",
      hints: [expect.anything(), expect.stringContaining("state.lock")],
    });
    expect(readFileSync(join(repo, `refs/heads/${BRANCH}.lock`), "utf8")).toBe("");
  });

  it("reads through a repository that another one borrows its objects from", async () => {
    const a = await put(await open(), "a", { x: "borrowed" });
    const borrower = join(folder.path, "borrower.git");
    git(folder.path, ["clone", "-q", "--bare", "--shared", repo, borrower]);
    const store = await open({ location: borrower });
    expect(await textAt(store, a, "x")).toBe("borrowed");
    const b = await put(store, "b", { y: "2" });
    expect((await collect(store.log(null, b))).map(({ commit }) => commit)).toEqual([b, a]);
    expect(git(borrower, ["fsck", "--strict"])).toBe("");
  });

  it("uses a remote on this disk in place, and tells whether a clone is cut short", async () => {
    await put(await open(), "a", { x: "1" });
    const b = await put(await open(), "b", { x: "2" });
    git(folder.path, ["clone", "-q", "-b", BRANCH, "--depth=1", `file://${repo}`, "clone"]);
    const clone = join(folder.path, "clone");
    const through = await open({ location: clone });
    expect([await through.head(BRANCH), await through.isShallow()]).toEqual([b, false]);
    const c = await put(through, "c", { x: "3" });
    expect(git(repo, ["rev-parse", BRANCH])).toBe(c);
    // Without its remote the clone is alone, with one commit.
    git(clone, ["remote", "remove", "origin"]);
    const alone = await open({ location: clone });
    expect([await alone.head(BRANCH), await alone.isShallow()]).toEqual([b, true]);
  });
});
