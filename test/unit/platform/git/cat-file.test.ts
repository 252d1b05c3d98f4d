import { chmodSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../../../../src/kernel/errors.ts";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { CatFile } from "../../../../src/platform/git/cat-file.ts";
import { gitOf } from "../../../../src/platform/git/git-process.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { loosePath } from "../../../../src/platform/git/loose-objects.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

let folder: ReturnType<typeof makeFolder>;
let store: GitStore;

beforeEach(async () => {
  folder = makeFolder();
  git(folder.path, ["init", "-q", "--bare", "."]);
  store = await openNativeStore({ location: folder.path, env: testEnv(folder.path) });
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

test("answers each question, also those that wait behind many for objects that are not here", async () => {
  const absent = Array.from({ length: 1300 }, (_, i): Oid => objectId("sha1", "commit", Buffer.from(`commit ${i}`)));
  const ask = (oid: Oid) => expect(store.commit(oid)).rejects.toMatchObject({ code: "state.object.missing" });
  const first = absent.slice(0, 600).map(ask);
  // Git is asked by then, and has not answered.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await Promise.all([...first, ...absent.slice(600).map(ask)]);
  expect.assertions(absent.length);
});

describe("objects that are asked for together", () => {
  const anything = () => {};
  // Some end where a piece of the stream does, within what stands before the next one too.
  const sizes = [0, 1, 70_000, 200_000, ...Array.from({ length: 3000 }, (_, i) => (i * 37) % 2111)];
  const contents = sizes.map((size, i) => Buffer.alloc(size, `${i} `));
  const oids = contents.map((content) => objectId("sha1", "blob", content));
  let catFile: CatFile;

  beforeEach(() => {
    const blobs = contents.flatMap((content) => [`blob\ndata ${content.length}\n`, content, "\n"]);
    git(folder.path, ["fast-import", "--quiet"], Buffer.concat(blobs.map((part) => Buffer.from(part))));
    catFile = new CatFile(gitOf(testEnv(folder.path)), folder.path, "sha1");
  });

  afterEach(() => catFile.close());

  test("come whole and in order, wherever git cuts what it says", async () => {
    const halves = [oids.slice(0, 1500), oids.slice(1500)];
    const [first = [], second = []] = await Promise.all(halves.map((half) => catFile.readAll(half, anything)));
    expect([...first, ...second].every((content, i) => contents[i]?.equals(content))).toBe(true);
    expect(first.length + second.length).toBe(oids.length);
  });

  test("are none where one cannot be had, and what was asked besides is answered", async () => {
    const absent: Oid = objectId("sha1", "blob", Buffer.from("absent"));
    const some = oids.slice(4, 10);
    const asked = await Promise.allSettled([
      catFile.readAll(some, anything),
      catFile.readAll([...some, absent, ...some], anything),
      catFile.readAll(oids.slice(0, 5), (_, sizeBytes) => {
        if (sizeBytes > 100_000) throw new Error("too large");
      }),
      catFile.read(absent, anything),
      catFile.readAll(some, anything),
    ]);
    const codeOf = (reason: unknown) => (reason instanceof ToolError ? reason.code : "another");
    const told = asked.map((one) => (one.status === "fulfilled" ? one.value.length : codeOf(one.reason)));
    expect(told).toEqual([6, "state.object.missing", "another", "state.object.missing", 6]);
  });
});

test("calls an object damaged whose file ends before its checksum", async () => {
  const { path } = folder;
  const oid: Oid = objectId("sha1", "blob", Buffer.from("{}\n"));
  git(path, ["hash-object", "-w", "--stdin"], Buffer.from("{}\n"));
  const file = loosePath(join(path, "objects"), oid);
  chmodSync(file, 0o600);
  truncateSync(file, statSync(file).size - 4);
  const read = async () => {
    for await (const blob of store.blobs([[oid]])) return blob;
    return undefined;
  };
  const error: unknown = await read().catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "state.object.corrupt" });
  // Git says more than one line.
  expect(String(error)).toMatch(/is damaged: (?!fatal|error)[^\\]*$/);
});

test("starts no git for what was asked before it closed, which nobody would end", async () => {
  const processes = () => process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length;
  const before = processes();
  const nobody = () => undefined;
  void store.commit(objectId("sha1", "commit", Buffer.from("asked"))).then(nobody, nobody);
  await store.close();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(processes()).toBe(before);
});
