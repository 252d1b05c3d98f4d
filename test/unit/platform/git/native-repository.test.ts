import {
  appendFileSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { getuid } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diskOps, type FileOps } from "../../../../src/platform/git/file-ops.ts";
import { type NativeStoreOptions, openNativeStore } from "../../../../src/platform/git/native-store.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { BRANCH, changeOf, commitOf, soon, textAt } from "../../../support/store-under-test.ts";

describe("native git store on a repository on disk", () => {
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
  const open = async (more: Partial<NativeStoreOptions> = {}): Promise<GitStore> => {
    const store = await openNativeStore({ location: repo, env: testEnv(folder.path), ...more });
    opened.push(store);
    return store;
  };
  const put = async (store: GitStore, name: string, files: Record<string, string | null>) =>
    commitOf(await store.apply(BRANCH, changeOf(name, files), soon()));

  it("writes what plain git reads and finds nothing wrong with", async () => {
    const store = await open();
    await put(store, "a", { "x.json": "one", "d/y": "1" });
    await put(store, "b", { "x.json": "two", "d/y": null });
    expect(git(repo, ["fsck", "--strict", "--full"])).toBe("");
    expect(git(repo, ["log", "--format=%s %an %aI %(trailers:key=Waybill-Seq,valueonly,separator=%x2C)", BRANCH])).toBe(
      "Test b Ada Lovelace 2026-01-01T00:00:00+00:00 2\nTest a Ada Lovelace 2026-01-01T00:00:00+00:00 1",
    );
    expect(git(repo, ["show", `${BRANCH}:x.json`])).toBe("two");
    expect(
      readdirSync(join(repo, "objects"))
        .flatMap((f) => readdirSync(join(repo, "objects", f)))
        .filter((f) => f.startsWith("tmp")),
    ).toEqual([]);
  });

  it("goes on while git packs objects and refs beneath it", async () => {
    const store = await open();
    const a = await put(store, "a", { x: "1" });
    git(repo, ["pack-refs", "--all"]);
    git(repo, ["repack", "-adq"]);
    git(repo, ["prune-packed"]);
    expect(await store.head(BRANCH)).toBe(a);
    const b = await put(store, "b", { y: "2" });
    expect([await textAt(await open(), b, "x"), await store.head(BRANCH)]).toEqual(["1", b]);
  });

  it("is not led astray by a tag, a replace ref, a graft or a variable of the caller", async () => {
    const store = await open();
    const a = await put(store, "a", { x: "real" });
    const b = await put(store, "b", { x: "newer" });
    const other = await store.apply("waybill/other", changeOf("o", { x: "forged" }), soon());
    const forged = commitOf(other);
    for (const ref of [
      `refs/tags/${BRANCH}`,
      `refs/tags/refs/heads/${BRANCH}`,
      `refs/heads/refs/heads/${BRANCH}`,
      `refs/heads/heads/${BRANCH}`,
    ])
      git(repo, ["update-ref", ref, forged]);
    git(repo, ["replace", "-f", b, forged]);
    mkdirSync(join(repo, "info"), { recursive: true });
    writeFileSync(join(repo, "info", "grafts"), `${b}\n`);
    const env = new Map([
      ...testEnv(folder.path),
      ["GIT_DIR", "/nowhere"],
      ["GIT_OBJECT_DIRECTORY", "/nowhere"],
      ["git_work_tree", "/nowhere"],
    ]);
    const reader = await open({ env });
    expect(await reader.head(BRANCH)).toBe(b);
    expect(await textAt(reader, b, "x")).toBe("newer");
    expect((await reader.commit(b)).parents).toEqual([a]);
    git(repo, ["update-ref", "-d", `refs/heads/${BRANCH}`]);
    expect(await reader.head(BRANCH)).toBeNull();
  });

  it("refuses a symbolic ref in the place of a branch", async () => {
    const store = await open();
    await put(store, "a", { x: "1" });
    git(repo, ["symbolic-ref", "refs/heads/waybill/alias", `refs/heads/${BRANCH}`]);
    await expect(store.head("waybill/alias")).rejects.toMatchObject({ code: "state.repository.unsupported" });
  });

  it.each(["touch", "create", "sync", "rename", "makeFolder"] as const)(
    "keeps the old tip and lands later when %s fails",
    async (call) => {
      const store = await open();
      const before = await put(store, "a", { x: "1" });
      for (const [code, expected] of [
        ["ENOSPC", "file.no_space"],
        ["EROFS", "file.read_only"],
        ["EACCES", "file.not_permitted"],
      ] as const) {
        for (const when of ["before", "after"] as const) {
          const failing = await open({ fileOps: failingOps(call, when, code) });
          const attempt = failing.apply(BRANCH, changeOf(`${code}${when}`, { [`d/${code}${when}`]: code }), soon());
          await expect(attempt).rejects.toMatchObject({ code: expected });
          expect(await store.head(BRANCH)).toBe(before);
        }
      }
      const after = await put(store, "ENOSPCbefore", { "d/ENOSPCbefore": "ENOSPC" });
      expect(git(repo, ["rev-list", "--count", after])).toBe("2");
      expect(git(repo, ["fsck", "--strict", "--full", "--no-dangling"])).toBe("");
      expect(
        readdirSync(join(repo, "objects"))
          .flatMap((f) => readdirSync(join(repo, "objects", f)))
          .filter((f) => f.startsWith("tmp")),
      ).toEqual([]);
    },
  );

  it("waits for the disk before any object has its name, and leaves no file open", async () => {
    const store = await open();
    const said: string[] = [];
    const ops: FileOps = {
      ...diskOps,
      async create(...args) {
        const file = await diskOps.create(...args);
        said.push("create");
        const then = (word: string, work: () => Promise<void>) => async () => (await work(), void said.push(word));
        return { sync: then("sync", () => file.sync()), close: then("close", () => file.close()) };
      },
      rename: async (from, to) => (await diskOps.rename(from, to), void said.push("rename")),
    };
    await put(store, "a", { x: "1" });
    await put(await open({ fileOps: ops }), "b", { y: "2" });
    expect(said).toEqual(["create", "sync", "close", "rename"].flatMap((word) => [word, word, word]));
  });

  it("keeps the old tip when it is killed before the branch moves", async () => {
    const store = await open();
    const before = await put(store, "a", { x: "1" });
    // The store never gets to the branch: its second object is never written, and its first stays as a temporary file.
    const stuck: FileOps = { ...diskOps, rename: () => new Promise(() => {}) };
    void (await open({ fileOps: stuck })).apply(BRANCH, changeOf("b", { y: "2" }), soon());
    await expect.poll(() => temporaries(repo).length).toBeGreaterThan(0);
    expect(await (await open()).head(BRANCH)).toBe(before);
    git(repo, ["prune", "--expire=now"]);
    expect(temporaries(repo)).toEqual([]);
    await put(store, "b", { y: "2" });
    expect(git(repo, ["fsck", "--strict", "--full"])).toBe("");
  });

  it("gives new folders of objects the permissions of a shared repository", async () => {
    const shared = join(folder.path, "shared.git");
    git(folder.path, ["init", "-q", "--bare", "--shared=group", shared]);
    const store = await open({ location: shared });
    await put(store, "a", { x: "1" });
    const made = readdirSync(join(shared, "objects")).filter((name) => name.length === 2);
    for (const name of made) expect(statSync(join(shared, "objects", name)).mode & 0o2770).toBe(0o2770);
    expect(made.length).toBeGreaterThan(0);
  });

  it("says what is wrong with a place that is no repository for it", async () => {
    const refused = (location: string, code: string, more: Partial<NativeStoreOptions> = {}) =>
      expect(open({ location, ...more })).rejects.toMatchObject({ code });
    await refused(join(folder.path, "nowhere"), "state.repository.missing");
    await refused(folder.path, "state.repository.missing");
    const reftable = join(folder.path, "reftable.git");
    git(folder.path, ["init", "-q", "--bare", reftable]);
    mkdirSync(join(reftable, "reftable"));
    await refused(reftable, "state.repository.unsupported");
    // Git's answer about this one would otherwise be read as that about another repository.
    const lines = join(folder.path, "two\nlines.git");
    git(folder.path, ["init", "-q", "--bare", lines]);
    await refused(lines, "state.repository.unsupported");
    await expect(open({ location: lines })).rejects.toThrow("line break");
    appendFileSync(
      join(repo, "config"),
      "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n",
    );
    await refused(repo, "state.repository.unsupported");
    await refused(repo, "state.repository.unsupported", { env: new Map([["PATH", "/nowhere"]]) });
  });

  it.skipIf(isOlderThan(2, 38))("leaves it to git whether a bare repository may be used where it lies", async () => {
    writeFileSync(join(folder.path, ".gitconfig"), "[safe]\n\tbareRepository = explicit\n");
    const refusal = { code: "state.repository.unsafe", data: { setting: "safe.bareRepository" } };
    await expect(open()).rejects.toMatchObject(refusal);
  });

  // Only root can give a repository to somebody else.
  it.skipIf(getuid?.() !== 0)("leaves it to git whether the repository of another user may be trusted", async () => {
    chownSync(repo, 12345, 12345);
    const refusal = { code: "state.repository.unsafe", data: { setting: "safe.directory" } };
    await expect(open()).rejects.toMatchObject(refusal);
  });

  it("runs no hook of the repository", async () => {
    const marker = join(folder.path, "ran");
    writeFileSync(join(repo, "hooks", "reference-transaction"), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    await put(await open(), "a", { x: "1" });
    expect(existsSync(marker)).toBe(false);
  });

  it("finds the repository of a folder inside a work tree, and of a linked one", async () => {
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
  });

  it("does not follow a file of the repository to another one", async () => {
    await put(await open(), "a", { x: "1" });
    cpSync(repo, join(folder.path, "other.git"), { recursive: true });
    writeFileSync(join(repo, "commondir"), "../other.git\n");
    await expect(open()).rejects.toMatchObject({ code: "state.repository.unsupported" });
  });

  it("hints at a lock that a killed git left", async () => {
    const store = await open();
    await put(store, "a", { x: "1" });
    writeFileSync(join(repo, `refs/heads/${BRANCH}.lock`), "");
    const attempt = store.apply(BRANCH, changeOf("b", { x: "2" }), new Date(0));
    await expect(attempt).rejects.toMatchObject({
      code: "state.push.conflict",
      hints: [expect.anything(), expect.stringContaining("state.lock")],
    });
  });
});

function isOlderThan(major: number, minor: number): boolean {
  const [, found = "0", part = "0"] = /([0-9]+)\.([0-9]+)/.exec(git(".", ["version"])) ?? [];
  return Number(found) < major || (Number(found) === major && Number(part) < minor);
}

function temporaries(repo: string): readonly string[] {
  const objects = join(repo, "objects");
  return readdirSync(objects)
    .flatMap((name) => readdirSync(join(objects, name)))
    .filter((name) => name.startsWith("tmp_obj_"));
}

/** A disk on which one kind of call fails, before or after it did its work. */
function failingOps(
  call: "touch" | "create" | "sync" | "rename" | "makeFolder",
  when: "before" | "after",
  code: string,
): FileOps {
  const fail = (): never => {
    throw Object.assign(new Error(code), { code });
  };
  const wrap =
    <A extends readonly unknown[], R>(name: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (name === call && when === "before") fail();
      const result = await work(...args);
      return name === call ? fail() : result;
    };
  return {
    touch: wrap("touch", (path: string) => diskOps.touch(path)),
    create: wrap("create", async (path: string, content: Uint8Array, mode: number) => {
      const file = await diskOps.create(path, content, mode);
      return { ...file, sync: wrap("sync", () => file.sync()) };
    }),
    rename: wrap("rename", (from: string, to: string) => diskOps.rename(from, to)),
    makeFolder: wrap("makeFolder", (path: string, mode: number) => diskOps.makeFolder(path, mode)),
    remove: (path) => diskOps.remove(path),
    modeOf: (path) => diskOps.modeOf(path),
  };
}
