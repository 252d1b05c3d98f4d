import { readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isOid, type Oid } from "../../../../src/kernel/oid.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { diskOps } from "../../../../src/platform/git/file-ops.ts";
import { gitOf } from "../../../../src/platform/git/git-process.ts";
import { writeLoose } from "../../../../src/platform/git/loose-objects.ts";
import { tidyMirror } from "../../../../src/platform/git/mirror-upkeep.ts";
import { type NativeStoreOptions, openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { gitObject } from "../../../../src/platform/git/objects.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { countingGit } from "../../../support/counting-git.ts";
import { eachFile, scramble } from "../../../support/damage.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { serveGit } from "../../../support/http-git-server.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { BRANCH, bytes, changeOf, collect, commitOf, soon, textAt } from "../../../support/store-under-test.ts";

const DECISIONS = "waybill/decisions";
const files = (count: number, text: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`d/${i}`, `${text} ${i}`]));

describe("mirror of a remote", () => {
  let folder: ReturnType<typeof makeFolder>;
  let truth: string;
  let url: string;
  let ends: (() => Promise<void>)[];
  let requests: string[];
  let sockets: Set<Socket>;
  beforeEach(async () => {
    folder = makeFolder();
    [ends, requests, sockets] = [[], [], new Set()];
    truth = join(folder.path, "truth.git");
    git(folder.path, ["init", "-q", "--bare", truth]);
    for (const name of ["http.receivepack", "uploadpack.allowFilter"]) git(truth, ["config", name, "true"]);
    const server = await serveGit(folder.path, (request) => {
      requests.push(`${request.method} ${request.url?.split("/").pop()}`);
      sockets.add(request.socket);
      return undefined;
    });
    ends.push(() => server.stop());
    url = `${server.url}/truth.git`;
  });
  afterEach(async () => {
    for (const end of ends.toReversed()) await end();
    folder.remove();
  });
  const open = async (location: string, more: Partial<NativeStoreOptions> = {}): Promise<GitStore> => {
    const cache = join(folder.path, "cache");
    const store = await openNativeStore({ location, env: testEnv(folder.path), cache, freshMs: 60_000, ...more });
    ends.push(() => store.close());
    return store;
  };
  const put = async (store: GitStore, branch: string, name: string, more: Record<string, string | null>) =>
    commitOf(await store.apply(branch, changeOf(name, more), soon()));
  const mirror = (): string =>
    join(folder.path, "cache", "mirrors", readdirSync(join(folder.path, "cache", "mirrors"))[0]!);
  const absent = (): number =>
    git(mirror(), ["rev-list", "--objects", "--missing=print", "--all"])
      .split("\n")
      .filter((line) => line.startsWith("?")).length;
  const oidAt = (name: string): Oid => {
    const oid = git(truth, ["rev-parse", name]);
    if (!isOid(oid)) throw new Error(`${name} is not there`);
    return oid;
  };
  /** Facts of some commits, and decisions. */
  const fill = async (commits = 3) => {
    const store = await open(truth);
    for (let i = 0; i < commits; i += 1) await put(store, BRANCH, `s${i}`, files(20, `text ${i}`));
    for (let i = 0; i < 3; i += 1)
      await put(store, DECISIONS, `d${i}`, { policy: `rules ${i}`, [`gates/${i}`]: `gate ${i}` });
    return { state: oidAt(BRANCH), decisions: oidAt(DECISIONS) };
  };
  const later = (name: string, more: Record<string, string | null>) => {
    const change = changeOf(name, more);
    return { ...change, act: { ...change.act, at: new Date(Date.now() + 60_000).toISOString() } };
  };

  it("goes from nothing to a pushed operation with 7 requests, and fetches no document that was not read", async () => {
    const { state } = await fill();
    const store = await open(url);
    const head = await store.head(BRANCH);
    expect(head).toBe(state);
    const found = await store.read(head!, ["d/1", "d/7", "d/19", "absent"]);
    expect(found.map((each) => each !== null && "bytes" in each)).toEqual([true, true, true, false]);
    await store.apply(BRANCH, later("op", { "d/1": "new", e: "new" }), soon());
    const [fetches, pushes] = ["GET refs?service=git-upload-pack", "GET refs?service=git-receive-pack"];
    const [fetched, pushed] = ["POST git-upload-pack", "POST git-receive-pack"];
    expect(requests).toEqual([fetches, fetched, fetched, fetches, fetched, pushes, pushed]);
    const bytesSent = [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    expect(bytesSent).toBeLessThan(8000);
    expect([absent(), git(truth, ["rev-list", "--count", BRANCH])]).toEqual([17, "4"]);
  });

  it("fetches decisions whole, also what comes later, so that they can be read offline", async () => {
    const { decisions } = await fill();
    const store = await open(url, { freshMs: 0 });
    expect(await store.head(DECISIONS)).toBe(decisions);
    const next = await put(await open(truth), DECISIONS, "d3", { policy: "rules 3", "gates/3": "gate 3" });
    expect(await store.head(DECISIONS)).toBe(next);
    const offline = await open(url, { offline: true });
    const commits = await collect(offline.log(null, next));
    expect(commits.length).toBe(4);
    for (const [i, { commit }] of commits.toReversed().entries())
      expect([await textAt(offline, commit, "policy"), await textAt(offline, commit, `gates/${i}`)]).toEqual([
        `rules ${i}`,
        `gate ${i}`,
      ]);
    expect(await textAt(offline, (await offline.head(BRANCH))!, "state.json")).toBeNull();
    await expect(textAt(offline, (await offline.head(BRANCH))!, "d/1")).rejects.toMatchObject({
      code: "state.object.missing",
    });
  });

  it("deepens the history of facts when somebody walks it, and says that it is whole", async () => {
    const { state } = await fill(4);
    const store = await open(url);
    expect((await collect(store.log(null, (await store.head(BRANCH))!))).map(({ commit }) => commit)).toEqual(
      git(truth, ["rev-list", BRANCH]).split("\n"),
    );
    expect(await store.isShallow()).toBe(false);
    expect(requests.length).toBe(5);
    expect((await collect(store.diff(null, state))).length).toBe(20);
    expect(await textAt(store, oidAt(`${BRANCH}~3`), "d/3")).toBe("text 0 3");
  });

  it("fetches everything in one go for who reads everything, and stays whole", async () => {
    await fill();
    const store = await open(url, { freshMs: 0 });
    requests.length = 0;
    await store.fetchAll?.();
    expect(requests.length).toBe(3);
    expect([absent(), await store.isShallow()]).toEqual([0, false]);
    await store.fetchAll?.();
    expect(requests.length).toBe(3);
    const next = await put(await open(truth), BRANCH, "more", files(5, "more"));
    expect(await store.head(BRANCH)).toBe(next);
    expect(absent()).toBe(0);
  });

  it.each(["several at once", "one after a kill"])("fetches everything for %s", async (who) => {
    const { state } = await fill();
    if (who === "one after a kill") {
      const store = await open(url);
      await store.head(BRANCH);
      await store.close();
      writeFileSync(join(mirror(), "shallow.lock"), "");
      utimesSync(join(mirror(), "shallow.lock"), 1, 1);
    }
    const stores = await Promise.all(Array.from({ length: who === "several at once" ? 4 : 1 }, () => open(url)));
    await Promise.all(stores.map(async (store) => store.fetchAll?.()));
    for (const store of stores) expect((await collect(store.log(null, state))).length).toBe(3);
    expect(absent()).toBe(0);
    expect(readdirSync(mirror()).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });

  it("reads thousands of documents with one fetch", async () => {
    await put(await open(truth), BRANCH, "many", files(300, "x"));
    const store = await open(url);
    const oids = (await collect(store.diff(null, (await store.head(BRANCH))!))).map(({ after }) => after!);
    requests.length = 0;
    expect((await collect(store.blobs([oids]))).flat().length).toBe(300);
    expect(requests.length).toBe(2);
  });

  it("works with a server that leaves nothing out, and says so", async () => {
    git(truth, ["config", "uploadpack.allowFilter", "false"]);
    const { state } = await fill();
    const said: string[] = [];
    const store = await open(url, {
      log: { note() {}, detail: (text) => void said.push(text), task: () => ({ step() {}, end() {} }) },
    });
    expect(await textAt(store, (await store.head(BRANCH))!, "d/3")).toBe("text 2 3");
    expect(requests.length).toBe(3);
    expect((await collect(store.log(null, state))).length).toBe(3);
    expect(await store.isShallow()).toBe(false);
    expect(said.filter((text) => text.includes("does not leave out")).length).toBe(1);
  });

  it("says that the remote does not hand out what its branch names", async () => {
    await fill(1);
    const oid = git(truth, ["rev-parse", `${BRANCH}:d/3`]);
    rmSync(join(truth, "objects", oid.slice(0, 2), oid.slice(2)), { force: true });
    const store = await open(url);
    const head = (await store.head(BRANCH))!;
    await expect(store.read(head, ["d/3"])).rejects.toMatchObject({
      code: "state.object.missing",
      data: { object: oid },
    });
    expect(await textAt(store, head, "d/4")).toBe("text 0 4");
  });

  describe.each([
    [
      "a pack that is cut off",
      () => eachFile(join(mirror(), "objects", "pack"), /pack$/, (path) => truncateSync(path, 100)),
    ],
    ["a pack with other bytes", () => eachFile(join(mirror(), "objects", "pack"), /pack$/, scramble)],
    ["no packs", () => rmSync(join(mirror(), "objects", "pack"), { recursive: true })],
    ["an index of nothing", () => eachFile(join(mirror(), "objects", "pack"), /idx$/, (path) => truncateSync(path, 0))],
    ["a branch that is junk", () => writeFileSync(join(mirror(), "refs/remotes/origin", BRANCH), "junk\n")],
    ["settings that are junk", () => writeFileSync(join(mirror(), "config"), "[junk")],
  ])("damaged: %s", (_name, damage) => {
    it("is made anew", async () => {
      const { state } = await fill(2);
      const store = await open(url);
      await textAt(store, (await store.head(BRANCH))!, "d/1");
      await store.head(DECISIONS);
      await store.close();
      damage();
      const again = await open(url);
      expect(await again.head(BRANCH)).toBe(state);
      expect(await textAt(again, state, "d/1")).toBe("text 1 1");
      expect((await collect(again.log(null, (await again.head(DECISIONS))!))).length).toBe(3);
      await again.apply(BRANCH, later("op", { "d/1": "new" }), soon());
      expect(git(truth, ["rev-list", "--count", BRANCH])).toBe("3");
      expect(readdirSync(join(folder.path, "cache", "mirrors")).length).toBe(1);
    });
  });

  it("is made anew by several at once, each of whom goes on with decisions and facts", async () => {
    const { state } = await fill(2);
    const before = await open(url);
    await before.head(DECISIONS);
    await before.close();
    writeFileSync(join(mirror(), "config"), "[junk");
    const stores = await Promise.all(Array.from({ length: 6 }, () => open(url)));
    for (const store of stores) {
      expect(await store.head(BRANCH)).toBe(state);
      expect((await collect(store.log(null, (await store.head(DECISIONS))!))).length).toBe(3);
    }
    expect(readdirSync(join(folder.path, "cache", "mirrors")).length).toBe(1);
  });

  it("starts one process for a push and none for anything else, once it is warm", async () => {
    await fill();
    const { env: counted, started } = countingGit(folder.path);
    for (const [location, most] of [
      [truth, 0],
      [url, 1],
    ] as const) {
      const store = await open(location, { env: counted });
      const operate = async (name: string) => {
        const head = (await store.head(BRANCH))!;
        await store.read(head, ["d/1", "d/2"]);
        await store.apply(BRANCH, later(name, { "d/1": name }), soon());
      };
      await operate(`warm ${most}`);
      started();
      for (let i = 0; i < 3; i += 1) await operate(`op ${most} ${i}`);
      expect(started()).toBe(3 * most);
    }
  });

  it("packs what gathered, drops nothing, and leaves no lock of the dead", async () => {
    await fill(1);
    const store = await open(url);
    await put(store, BRANCH, "op", { e: "e" });
    const objects = [];
    for (let i = 0; objects.length < 9; i += 1) {
      const object = gitObject("sha1", "blob", bytes(`blob ${i}`));
      if (object.oid.startsWith("17")) objects.push(object);
    }
    await writeLoose(diskOps, join(mirror(), "objects"), objects);
    const left = join(mirror(), "shallow.lock");
    for (const path of [left, join(mirror(), "waybill-tidying.lock")]) {
      writeFileSync(path, "");
      utimesSync(path, 0, 0);
    }
    const before = git(mirror(), ["cat-file", "--batch-all-objects", "--batch-check"]);
    await store.close();
    expect(readdirSync(join(mirror(), "objects")).filter((name) => name.length === 2)).toEqual([]);
    expect(git(mirror(), ["cat-file", "--batch-all-objects", "--batch-check"])).toBe(before);
    expect(readdirSync(mirror()).filter((name) => name.endsWith(".lock"))).toEqual([]);
    expect(await put(await open(url), BRANCH, "next", { e: "f" })).toBe(git(truth, ["rev-parse", BRANCH]));
  });

  it("joins small packs and keeps the large one", async () => {
    await fill(1);
    await (await open(url)).close();
    const reader = gitOf(testEnv(folder.path));
    const place = { git: reader, url, prefix: "waybill/", path: mirror(), clock: systemClock, line: null };
    const store = (content: string) => git(mirror(), ["hash-object", "-w", "--stdin"], bytes(content));
    const oids = Array.from({ length: 39 }, (_, i) => gitObject("sha1", "blob", bytes(`small ${i}`)));
    await writeLoose(diskOps, join(mirror(), "objects"), oids);
    const large = store(Array.from({ length: 9000 }, (_, i) => Math.sin(i)).join());
    for (const oid of [...oids.map((each) => each.oid), large])
      git(mirror(), ["pack-objects", "-q", "objects/pack/pack"], bytes(`${oid}\n`));
    git(mirror(), ["prune-packed"]);
    const packs = () => readdirSync(join(mirror(), "objects", "pack")).filter((name) => name.endsWith(".pack"));
    expect(packs().length).toBe(41);
    await tidyMirror(place);
    expect(packs().length).toBe(2);
    for (const oid of [oids[7]!.oid, large]) expect(git(mirror(), ["cat-file", "-t", oid])).toBe("blob");
  });
});
