import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import { readMany } from "../../../../src/platform/git/read-many.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

const made = { folder: makeFolder() };
let store: GitStore;
let oids: Oid[];

/** More than one stream begins at, of sizes around the chunks of a pipe. */
const texts = Array.from({ length: 600 }, (_, i) => (i % 100 === 7 ? "x".repeat(65_530 + i) : `text ${i}\n`));

beforeEach(async () => {
  made.folder = makeFolder();
  const { path } = made.folder;
  git(path, ["init", "-q", "--bare", "."]);
  const input = texts.map((text, i) => `blob\nmark :${i + 1}\ndata ${text.length}\n${text}\n`).join("");
  git(path, ["fast-import", "--quiet"], Buffer.from(input));
  oids = texts.map((text) => objectId("sha1", "blob", Buffer.from(text)));
  store = await openNativeStore({ location: path, env: testEnv(path) });
});

afterEach(async () => {
  await store.close();
  made.folder.remove();
});

async function read(wanted: readonly Oid[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const some of store.blobs(wanted))
    for (const { oid, bytes } of some) {
      expect(oid).toBe(wanted[found.length]);
      found.push(Buffer.from(bytes).toString());
    }
  return found;
}

test("reads many blobs in order, the same one twice, whatever their sizes", async () => {
  expect(await read(oids)).toEqual(texts);
  expect(await read([...oids, ...oids.slice(0, 3)])).toEqual([...texts, ...texts.slice(0, 3)]);
});

test("one that is absent in the middle is named, after those before it", async () => {
  const absent = objectId("sha1", "blob", Buffer.from("nobody has this"));
  const seen: Oid[] = [];
  const work = async () => {
    for await (const some of store.blobs([...oids.slice(0, 400), absent, ...oids.slice(400)]))
      seen.push(...some.map(({ oid }) => oid));
  };
  await expect(work()).rejects.toMatchObject({ code: "state.object.missing", data: { object: absent } });
  expect(seen).toEqual(oids.slice(0, 400));
});

test("one of another kind is damage", async () => {
  const tree = objectId("sha1", "tree", Buffer.alloc(0));
  git(made.folder.path, ["hash-object", "-t", "tree", "-w", "--stdin"], Buffer.alloc(0));
  await expect(read([...oids, tree])).rejects.toMatchObject({ code: "state.object.corrupt" });
});

test("a reader that stops early leaves no process behind", async () => {
  for await (const [first] of store.blobs(oids)) {
    expect(Buffer.from(first?.bytes ?? []).toString()).toBe(texts[0]);
    break;
  }
  expect(await read(oids.slice(0, 300))).toEqual(texts.slice(0, 300));
});

test("a stream that ended before anybody read it ends at once", async () => {
  const contents = Readable.from([]).resume();
  await new Promise((resolve) => contents.once("close", resolve));
  const stream = { contents, end: () => undefined };
  const found = readMany(stream, "sha1", { oids, kind: "blob", maxBytes: 10 });
  expect(await found.next()).toMatchObject({ done: true });
});
