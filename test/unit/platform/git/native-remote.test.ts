import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type NativeStoreOptions, openNativeStore } from "../../../../src/platform/git/native-store.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { type Interception, serveGit } from "../../../support/http-git-server.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { BRANCH, changeOf, collect, commitOf, soon, textAt } from "../../../support/store-under-test.ts";

const isPush = (url: string | undefined): boolean => url?.endsWith("/git-receive-pack") === true;

describe("native git store on a remote", () => {
  let folder: ReturnType<typeof makeFolder>;
  let truth: string;
  let ends: (() => Promise<void>)[];
  let intercept: Interception;
  beforeEach(() => {
    folder = makeFolder();
    ends = [];
    intercept = () => undefined;
    truth = join(folder.path, "truth.git");
    git(folder.path, ["init", "-q", "--bare", truth]);
    git(truth, ["config", "http.receivepack", "true"]);
  });
  afterEach(async () => {
    for (const end of ends.toReversed()) await end();
    folder.remove();
  });
  const open = async (location: string, more: Partial<NativeStoreOptions> = {}): Promise<GitStore> => {
    const cache = join(folder.path, "cache");
    const store = await openNativeStore({ location, env: testEnv(folder.path), cache, freshMs: 0, ...more });
    ends.push(() => store.close());
    return store;
  };
  const serve = async (): Promise<string> => {
    const server = await serveGit(folder.path, (request, response) => intercept(request, response));
    ends.push(() => server.stop());
    return `${server.url}/truth.git`;
  };
  const clone = (...args: readonly string[]): string => {
    const path = join(folder.path, `clone${ends.length}`);
    git(folder.path, ["clone", "-q", ...args, `file://${truth}`, path]);
    return path;
  };
  const put = async (store: GitStore, name: string, text = name) =>
    commitOf(await store.apply(BRANCH, changeOf(name, { x: text }), soon()));
  const state = (): string => git(truth, ["rev-parse", `refs/heads/${BRANCH}`]);

  it("lands a change once when the answer to its push is lost", async () => {
    const store = await open(await serve());
    await put(store, "a");
    let pushes = 0;
    intercept = ({ url }) => {
      if (!isPush(url)) return undefined;
      pushes += 1;
      return pushes === 1 ? "drop-answer" : undefined;
    };
    expect(await put(store, "b")).toBe(state());
    expect([pushes, git(truth, ["rev-list", "--count", state()])]).toEqual([1, "2"]);
  });

  it("pushes again when neither the push nor its answer arrived", async () => {
    const store = await open(await serve());
    await put(store, "a");
    let pushes = 0;
    intercept = ({ url }, response) => {
      if (!isPush(url)) return undefined;
      pushes += 1;
      if (pushes > 1) return undefined;
      response.destroy();
      return "handled";
    };
    expect(await put(store, "b")).toBe(state());
    expect(pushes).toBe(2);
  });

  it("finds out by itself that another writer was there, and lands on top", async () => {
    const url = await serve();
    const [one, two] = [await open(url), await open(url, { cache: join(folder.path, "cache2"), freshMs: 1e9 })];
    await put(one, "a");
    await put(two, "b");
    const change = changeOf("c", { y: "c" });
    expect(commitOf(await two.apply(BRANCH, change, soon()))).toBe(state());
    await put(one, "d");
    expect(git(truth, ["log", "--format=%s", "--reverse", state()])).toBe("Test a\nTest b\nTest c\nTest d");
  });

  it("tells a protected branch, missing rights, an absent repository and a dead network apart", async () => {
    const url = await serve();
    const store = await open(url);
    await put(store, "a");
    writeFileSync(join(truth, "hooks", "pre-receive"), "#!/bin/sh\necho only people may >&2\nexit 1\n", {
      mode: 0o755,
    });
    await expect(put(store, "b")).rejects.toMatchObject({
      code: "state.push.protected",
      data: { branch: BRANCH, reason: "pre-receive hook declined", output: "only people may" },
    });
    for (const [status, code] of [
      [401, "state.push.unauthorised"],
      [403, "state.push.unauthorised"],
      [404, "state.repository.missing"],
      [500, "state.push.network"],
    ] as const) {
      intercept = (_request, response) => {
        response.writeHead(status).end();
        return "handled";
      };
      await expect(put(store, "b")).rejects.toMatchObject({ code });
    }
    await ends.pop()?.();
    await ends.pop()?.();
    await expect(open(url)).rejects.toMatchObject({ code: "state.push.network" });
    await expect(open(join(`file://${folder.path}`, "nowhere"))).rejects.toMatchObject({
      code: "state.repository.missing",
    });
    await expect(open("ext::sh -c date")).rejects.toMatchObject({ code: "state.repository.unsupported" });
  });

  it("never prints a password that stands in an address", async () => {
    const url = (await serve()).replace("http://", "http://ada:secret@");
    intercept = (_request, response) => {
      response.writeHead(403).end();
      return "handled";
    };
    const error: unknown = await open(url).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "state.push.unauthorised" });
    expect(JSON.stringify([error, String(error)])).not.toContain("secret");
    intercept = () => undefined;
    expect((await open(url)).location).not.toContain("secret");
  });

  it("reads offline what was fetched last, and writes nothing", async () => {
    const url = await serve();
    const a = await put(await open(url), "a");
    const offline = await open(url, { offline: true });
    git(truth, ["update-ref", "-d", `refs/heads/${BRANCH}`]);
    expect(await offline.head(BRANCH)).toBe(a);
    expect(await textAt(offline, a, "x")).toBe("a");
    await expect(put(offline, "b")).rejects.toMatchObject({ code: "state.push.network" });
    expect(await (await open(url)).head(BRANCH)).toBeNull();
  });

  it("fetches its own branches and no tag", async () => {
    git(
      truth,
      ["fast-import", "--quiet"],
      Buffer.from("commit refs/heads/main\ncommitter a <a@b> 1 +0000\ndata 1\nx\n"),
    );
    await put(await open(truth), "a");
    git(truth, ["tag", "v1", `refs/heads/${BRANCH}`]);
    await open(`file://${truth}`);
    const mirror = join(folder.path, "cache", "mirrors", readdirSync(join(folder.path, "cache", "mirrors"))[0]!);
    expect(git(mirror, ["for-each-ref", "--format=%(refname)"])).toBe(`refs/remotes/origin/${BRANCH}`);
  });

  it("uses a clone's own branches until its remote has a state branch, then only the remote's", async () => {
    const path = clone();
    const own = await put(await open(path), "own");
    git(path, ["tag", BRANCH, own]);
    expect(git(truth, ["for-each-ref"])).toBe("");
    const theirs = await put(await open(truth), "theirs");
    const store = await open(path);
    expect(await store.head(BRANCH)).toBe(theirs);
    const next = await put(store, "next");
    expect([state(), git(path, ["rev-parse", `refs/heads/${BRANCH}`])]).toEqual([next, own]);
  });

  it("uses a bare repository in place, whatever remote it was copied from", async () => {
    await put(await open(truth), "theirs");
    const copy = join(folder.path, "copy.git");
    git(folder.path, ["clone", "-q", "--bare", truth, copy]);
    const own = await put(await open(copy), "own");
    expect(own).not.toBe(state());
    expect(await (await open(copy, { remote: "origin" })).head(BRANCH)).toBe(state());
  });

  it("works in a clone whose remote is gone only where the state is its own", async () => {
    const path = clone();
    const own = await put(await open(path), "own");
    git(path, ["config", "remote.origin.url", join(folder.path, "gone.git")]);
    expect(await (await open(path)).head(BRANCH)).toBe(own);
    git(path, ["update-ref", "-d", `refs/heads/${BRANCH}`]);
    await expect(open(path)).rejects.toMatchObject({ code: "state.repository.missing" });
    await expect(open(path, { remote: "upstream" })).rejects.toMatchObject({ code: "usage.invalid_argument" });
  });

  it("calls history cut short only where a branch of ours is", async () => {
    const store = await open(truth);
    await put(store, "a");
    await put(store, "b");
    git(
      truth,
      ["fast-import", "--quiet"],
      Buffer.from(
        "commit refs/heads/main\ncommitter a <a@b> 1 +0000\ndata 1\nx\n\ncommit refs/heads/main\ncommitter a <a@b> 2 +0000\ndata 1\ny\n",
      ),
    );
    const code = await open(clone("--depth=1", "--branch=main"));
    expect(await code.isShallow()).toBe(false);
    expect((await collect(code.log(null, (await code.head(BRANCH))!))).length).toBe(2);
    expect(await put(code, "c")).toBe(state());
    const cut = await open(clone("--depth=1", `--branch=${BRANCH}`));
    expect(await cut.isShallow()).toBe(true);
    await expect(collect(cut.log(null, (await cut.head(BRANCH))!))).rejects.toMatchObject({
      code: "state.object.missing",
    });
  });

  it("does not fetch behind the caller's back what a partial clone lacks", async () => {
    const a = await put(await open(truth), "a");
    git(truth, ["config", "uploadpack.allowFilter", "true"]);
    const path = clone("--filter=blob:none", "--no-checkout");
    const store = await open(path, { offline: true });
    await expect(store.read(a, ["x"])).rejects.toMatchObject({ code: "state.object.missing" });
    expect((await store.read(a, [""]))[0]).toMatchObject({ names: ["x"] });
  });

  it.each(["blob:none", "tree:0"])("reads what a clone with --filter=%s lacks, many with one fetch", async (filter) => {
    const writer = await open(truth);
    for (const name of ["a", "b"])
      await writer.apply(BRANCH, changeOf(name, { x: name, "d/y": name, "d/z": `z ${name}` }), soon());
    git(truth, ["config", "uploadpack.allowFilter", "true"]);
    const path = clone(`--filter=${filter}`, "--no-checkout");
    git(path, ["config", "remote.origin.url", await serve()]);
    const store = await open(path);
    const head = (await store.head(BRANCH))!;
    let fetches = 0;
    intercept = ({ method }) => {
      if (method === "POST") fetches += 1;
      return undefined;
    };
    const found = await store.read(head, ["x", "d/y", "d/z"]);
    expect(found.map((each) => each !== null && "bytes" in each)).toEqual([true, true, true]);
    expect(fetches).toBeLessThan(filter === "tree:0" ? 4 : 3);
    await store.fetchAll?.();
    const offline = await open(path, { offline: true });
    const [, first] = await collect(offline.log(null, head));
    expect(await textAt(offline, first!.commit, "d/z")).toBe("z a");
    expect(await put(store, "c")).toBe(state());
  });

  it("survives a mirror that another process makes at the same moment", async () => {
    const url = await serve();
    await put(await open(truth), "a");
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(url)));
    expect(new Set(await Promise.all(stores.map((store) => store.head(BRANCH)))).size).toBe(1);
    expect(readdirSync(join(folder.path, "cache", "mirrors")).length).toBe(1);
  });

  it("does not let a configuration of the clone change what is fetched and pushed", async () => {
    const path = clone();
    await put(await open(truth), "a");
    appendFileSync(
      join(path, ".git", "config"),
      "[push]\n\tfollowTags = true\n\tgpgSign = true\n[fetch]\n\tprune = false\n",
    );
    mkdirSync(join(path, ".git", "hooks"), { recursive: true });
    writeFileSync(join(path, ".git", "hooks", "pre-push"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const store = await open(path);
    git(path, ["tag", "-a", "-m", "x", "local", `refs/remotes/origin/${BRANCH}`]);
    expect(await put(store, "b")).toBe(state());
    expect(git(truth, ["tag"])).toBe("");
  });
});
