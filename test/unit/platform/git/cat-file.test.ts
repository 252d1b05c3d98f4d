import { chmodSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { loosePath } from "../../../../src/platform/git/loose-objects.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

const made = { folder: makeFolder() };
let store: GitStore;

beforeEach(async () => {
  made.folder = makeFolder();
  git(made.folder.path, ["init", "-q", "--bare", "."]);
  store = await openNativeStore({ location: made.folder.path, env: testEnv(made.folder.path) });
});

afterEach(async () => {
  await store.close();
  made.folder.remove();
});

test("answers each question, also those that wait behind many for objects that are not here", async () => {
  const absent = Array.from({ length: 130 }, (_, i): Oid => objectId("sha1", "commit", Buffer.from(`commit ${i}`)));
  const ask = (oid: Oid) => expect(store.commit(oid)).rejects.toMatchObject({ code: "state.object.missing" });
  const first = absent.slice(0, 60).map(ask);
  // Git is asked by then, and has not answered.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await Promise.all([...first, ...absent.slice(60).map(ask)]);
  expect.assertions(absent.length);
});

test("calls an object damaged whose file ends before its checksum", async () => {
  const { path } = made.folder;
  const oid: Oid = objectId("sha1", "blob", Buffer.from("{}\n"));
  git(path, ["hash-object", "-w", "--stdin"], Buffer.from("{}\n"));
  const file = loosePath(join(path, "objects"), oid);
  chmodSync(file, 0o600);
  truncateSync(file, statSync(file).size - 4);
  const read = async () => {
    for await (const blob of store.blobs([oid])) return blob;
    return undefined;
  };
  await expect(read()).rejects.toMatchObject({ code: "state.object.corrupt" });
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
