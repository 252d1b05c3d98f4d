import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type NativeStoreOptions, openNativeStore } from "../../../../../src/platform/git/native-store.ts";
import type { GitStore } from "../../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../../support/git-repo.ts";
import { type Interception, serveGit } from "../../../../support/http-git-server.ts";
import { testEnv } from "../../../../support/native-under-test.ts";
import { BRANCH, changeOf, commitOf, soon, textAt } from "../../../../support/store-under-test.ts";

/** Refuses a push in which a commit is called `Test bad`, and tells why. */
const HOOK = `#!/bin/sh
while read old new ref; do
  if git log --format=%s "$old..$new" | grep -q "^Test bad$"; then echo "no bad commits" >&2; exit 1; fi
done
`;

describe("the queue of a real remote", () => {
  let folder: ReturnType<typeof makeFolder>;
  let truth: string;
  let url: string;
  let ends: (() => Promise<void>)[];
  let intercept: Interception;
  beforeEach(async () => {
    folder = makeFolder();
    ends = [];
    intercept = () => undefined;
    truth = join(folder.path, "truth.git");
    git(folder.path, ["init", "-q", "--bare", truth]);
    git(truth, ["config", "http.receivepack", "true"]);
    git(truth, ["config", "uploadpack.allowFilter", "true"]);
    const server = await serveGit(folder.path, (request, response) => intercept(request, response));
    ends.push(() => server.stop());
    url = `${server.url}/truth.git`;
    await put(await open(), "root");
  });
  afterEach(async () => {
    for (const end of ends.toReversed()) await end();
    folder.remove();
  });
  const open = async (more: Partial<NativeStoreOptions> = {}): Promise<GitStore> => {
    const cache = join(folder.path, "cache");
    const store = await openNativeStore({ location: url, env: testEnv(folder.path), cache, freshMs: 0, ...more });
    ends.push(() => store.close());
    return store;
  };
  const put = async (store: GitStore, name: string) =>
    commitOf(await store.apply(BRANCH, changeOf(name, { [name]: name }), soon()));
  const subjects = (): readonly string[] => git(truth, ["log", "--format=%s", BRANCH]).split("\n").toSorted();

  it("lets a remote that refuses one commit of a chain have the others, and says to each what is its own", async () => {
    writeFileSync(join(truth, "hooks", "pre-receive"), HOOK, { mode: 0o755 });
    const store = await open();
    const answers = await Promise.allSettled(["a", "bad", "c"].map((name) => put(store, name)));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(answers[1]).toMatchObject({ reason: { code: "state.push.protected", data: { output: "no bad commits" } } });
    expect(subjects()).toEqual(["Test a", "Test c", "Test root"]);
  });

  it.each([
    [403, "state.push.unauthorised"],
    [404, "state.repository.missing"],
    [500, "state.push.network"],
  ] as const)("tells all writers the code and the hint of a remote that answers %i", async (status, code) => {
    const stores = await Promise.all([open(), open()]);
    intercept = (_request, response) => {
      response.writeHead(status).end();
      return "handled";
    };
    const answers = await Promise.allSettled(["a", "b", "c"].map((name, i) => put(stores[i % 2]!, name)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: "rejected", reason: { code } });
      expect(answer).toHaveProperty("reason.hints.0");
    }
    intercept = () => undefined;
    expect(subjects()).toEqual(["Test root"]);
    await put(stores[0], "d");
    expect(subjects()).toEqual(["Test d", "Test root"]);
  });

  it("lands each operation once when the answer to the push of a chain is lost", async () => {
    const store = await open();
    let pushes = 0;
    intercept = (request) => {
      if (request.url?.endsWith("/git-receive-pack") !== true) return undefined;
      pushes += 1;
      return pushes === 1 ? "drop-answer" : undefined;
    };
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => put(store, name)));
    expect(subjects()).toEqual([...names.map((name) => `Test ${name}`), "Test root"]);
    expect(git(truth, ["fsck", "--strict"])).toBe("");
  });

  it("asks the remote once for a document that several read at the same time", async () => {
    const writer = await open();
    await put(writer, "late");
    await writer.close();
    rmSync(join(folder.path, "cache"), { recursive: true });
    const stores = await Promise.all(Array.from({ length: 4 }, () => open({ freshMs: 60_000 })));
    let asked = 0;
    intercept = (request) => {
      asked += request.method === "POST" ? 1 : 0;
      return undefined;
    };
    const tip = await stores[0]!.head(BRANCH);
    const texts = await Promise.all(stores.map((store) => textAt(store, tip!, "late")));
    expect(texts).toEqual(["late", "late", "late", "late"]);
    expect(asked).toBe(1);
  });

  it("leaves no git behind where a remote whose mirror is here cannot be asked", async () => {
    await put(await open(), "a");
    const processes = () => process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;
    const before = processes();
    intercept = (_request, response) => {
      response.writeHead(500).end();
      return "handled";
    };
    await expect(open()).rejects.toMatchObject({ code: "state.push.network" });
    await expect.poll(processes).toBe(before);
  });

  it("has a queue for each who asks with other credentials, and none where writers are to race", async () => {
    const queues = () => readdirSync(join(folder.path, "cache", "queues")).length;
    await put(await open(), "a");
    expect(queues()).toBe(1);
    const settings = [[`http.${url}.extraHeader`, "Authorization: Basic Zm9vOmJhcg=="]] as const;
    await put(await open({ settings }), "b");
    await put(await open({ env: new Map([...testEnv(folder.path), ["GITHUB_TOKEN", "other"]]) }), "c");
    expect(queues()).toBe(3);
    await put(await open({ queue: null, env: new Map([...testEnv(folder.path), ["GITHUB_TOKEN", "third"]]) }), "d");
    expect(queues()).toBe(3);
  });
});
