import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { openPortableStore, type PortableStoreOptions } from "../../../../src/platform/portable/portable-store.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder, testAct } from "../../../support/git-repo.ts";
import { type Interception, serveGit } from "../../../support/http-git-server.ts";
import { testEnv } from "../../../support/native-under-test.ts";
import { gitlessEnv } from "../../../support/portable-under-test.ts";
import { BRANCH, bytes, changeOf, commitOf, soon, textAt } from "../../../support/store-under-test.ts";

const isPush = (url: string | undefined): boolean => url?.endsWith("/git-receive-pack") === true;

describe("portable git store on a remote", () => {
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
  const open = async (location: string, more: Partial<PortableStoreOptions> = {}): Promise<GitStore> => {
    const cache = join(folder.path, "cache");
    const store = await openPortableStore({ location, env: gitlessEnv(folder.path), cache, freshMs: 0, ...more });
    ends.push(() => store.close());
    return store;
  };
  const serve = async (): Promise<string> => {
    const server = await serveGit(folder.path, (request, response) => intercept(request, response));
    ends.push(() => server.stop());
    return `${server.url}/truth.git`;
  };
  const put = async (store: GitStore, name: string, text = name) =>
    commitOf(await store.apply(BRANCH, changeOf(name, { x: text }), soon()));
  const state = (): string => git(truth, ["rev-parse", `refs/heads/${BRANCH}`]);

  it("lands a change once, whether the push or only its answer is lost", async () => {
    const store = await open(await serve());
    await put(store, "a");
    const lost = async (name: string, how: "drop-answer" | "handled"): Promise<number> => {
      let pushes = 0;
      intercept = ({ url }, response) => {
        if (!isPush(url)) return undefined;
        pushes += 1;
        if (pushes > 1) return undefined;
        if (how === "handled") response.destroy();
        return how;
      };
      expect(await put(store, name)).toBe(state());
      return pushes;
    };
    expect([await lost("b", "drop-answer"), await lost("c", "handled")]).toEqual([1, 2]);
    expect(git(truth, ["rev-list", "--count", state()])).toBe("3");
  });

  it("meets native writers, and each lands on top of the other", async () => {
    const url = await serve();
    const portable = await open(url, { freshMs: 1e9 });
    const native = await openNativeStore({
      location: url,
      env: testEnv(folder.path),
      cache: join(folder.path, "other"),
    });
    ends.push(() => native.close());
    await put(portable, "a");
    await native.apply(BRANCH, changeOf("b", { y: "b" }), soon());
    expect(commitOf(await portable.apply(BRANCH, changeOf("c", { z: "c" }), soon()))).toBe(state());
    const names = ["d", "e", "f", "g"];
    await Promise.all(
      names.map((name, i) => (i % 2 === 0 ? portable : native).apply(BRANCH, changeOf(name, { [name]: name }), soon())),
    );
    expect(git(truth, ["rev-list", "--count", state()])).toBe("7");
    expect(git(truth, ["fsck", "--strict", "--full"])).not.toMatch(/error|missing/);
  });

  it("sends only what the remote lacks, in one request, and brings only what is new", async () => {
    const store = await open(await serve());
    const files = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`d${i % 7}/${i}`, `text ${i}`.repeat(20)]));
    const first = commitOf(await store.apply(BRANCH, changeOf("a", files), soon()));
    const sizes: string[] = [];
    intercept = ({ url, headers }) => {
      if (isPush(url)) sizes.push(headers["content-length"] ?? "");
      return undefined;
    };
    const second = commitOf(await store.apply(BRANCH, changeOf("b", { "d1/1": "new" }), soon()));
    // A branch that starts further back, a merge, and one without history.
    const side = commitOf(await store.apply("waybill/side", changeOf("s", { y: "1" }, { onto: first }), soon()));
    await store.apply(BRANCH, changeOf("m", { y: "1" }, { merge: side }), soon());
    await store.replace("waybill/snapshot", new Map([["a.db", bytes("1")]]), testAct("r"));
    await store.replace("waybill/snapshot", new Map([["b.db", bytes("2")]]), testAct("s"));
    await store.drop("waybill/side", side);
    expect(sizes.map(Number).filter((size) => size > 2500)).toEqual([]);
    expect(sizes.length).toBe(6);
    expect(git(truth, ["fsck", "--strict", "--full"])).not.toMatch(/error|missing/);
    // A machine that was never here has all of it, in a pack; the next fetch is small enough for files.
    const other = await open(await serve(), { cache: join(folder.path, "cache2") });
    expect(await textAt(other, second, "d1/1")).toBe("new");
    await put(store, "n");
    expect(await textAt(other, (await other.head(BRANCH))!, "x")).toBe("n");
    const mirrors = join(folder.path, "cache2", "mirrors");
    const mirror = join(mirrors, readdirSync(mirrors)[0]!);
    expect(readdirSync(join(mirror, "objects", "pack")).length).toBe(2);
    expect(git(mirror, ["fsck", "--strict", "--full"])).not.toMatch(/error|missing/);
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
      [301, "state.repository.missing"],
      [401, "state.push.unauthorised"],
      [403, "state.push.unauthorised"],
      [404, "state.repository.missing"],
      [500, "state.push.network"],
    ] as const) {
      for (const onlyPush of [false, true]) {
        intercept = (request, response) => {
          if (onlyPush && !isPush(request.url)) return undefined;
          response.writeHead(status, { location: "http://127.0.0.1:1/" }).end();
          return "handled";
        };
        await expect(put(store, "b")).rejects.toMatchObject({ code });
      }
    }
    intercept = (_request, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<html>who are you?</html>");
      return "handled";
    };
    await expect(put(store, "b")).rejects.toMatchObject({ code: "state.push.network" });
    await ends.pop()?.();
    await ends.pop()?.();
    await expect(open(url)).rejects.toMatchObject({ code: "state.push.network" });
  });

  it("says who asks, to that address alone, and never prints it", async () => {
    const told: (string | undefined)[] = [];
    intercept = ({ headers }, response) => {
      told.push(headers.authorization);
      response.writeHead(403).end();
      return "handled";
    };
    const url = await serve();
    const address = url.replace("http://", "http://ada:secret@");
    const error: unknown = await open(address).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "state.push.unauthorised" });
    expect(JSON.stringify([error, String(error)])).not.toContain("secret");
    const origin = new URL(url).origin;
    const settings = [
      ["http.extraHeader", "Authorization: Basic all"],
      [`http.${origin}/.extraheader`, ""],
      [`http.${origin}/.extraheader`, "Authorization: Basic token"],
      ["http.http://127.0.0.1:1/.extraheader", "Authorization: Basic elsewhere"],
      [`http.${origin}/other/.extraheader`, "Authorization: Basic other"],
    ] as const;
    await open(url, { settings }).catch(() => undefined);
    expect(told).toEqual([`Basic ${Buffer.from("ada:secret").toString("base64")}`, "Basic token"]);
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

  it("makes a shallow clone of an address whole, and keeps what its remote does not have apart", async () => {
    const url = await serve();
    const store = await open(url);
    await put(store, "a");
    const b = await put(store, "b");
    git(truth, ["symbolic-ref", "HEAD", `refs/heads/${BRANCH}`]);
    const path = join(folder.path, "clone");
    git(folder.path, ["init", "-q", path]);
    git(path, ["fetch", "-q", "--depth=1", truth, `refs/heads/${BRANCH}:refs/remotes/origin/${BRANCH}`]);
    git(path, ["config", "remote.origin.url", url]);
    const offline = await open(path, { offline: true });
    expect([await offline.head(BRANCH), await offline.isShallow()]).toEqual([b, true]);
    await expect(offline.commit((await offline.commit(b)).parents[0]!)).rejects.toMatchObject({
      code: "state.object.missing",
    });
    // What was there before the cut comes again: a server that is told of the tip would leave it out.
    const c = await put(store, "c", "a");
    const clone = await open(path);
    expect([await clone.head(BRANCH), await clone.isShallow()]).toEqual([c, false]);
    expect(await textAt(clone, c, "x")).toBe("a");
    expect(await put(clone, "d")).toBe(state());
  });

  it("refuses what is too large to be fetched without git, and says how to go on", async () => {
    const url = await serve();
    await put(await open(url), "a");
    const packLimits = { packBytes: 50, objects: 100 };
    const attempt = open(url, { packLimits, cache: join(folder.path, "cache2") });
    await expect(attempt).rejects.toMatchObject({
      code: "state.repository.too_large",
      hints: [expect.stringContaining("Install git"), expect.stringContaining("state seal")],
    });
  });
});
