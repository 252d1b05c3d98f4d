import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isOid, type Oid } from "../../../../src/kernel/oid.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

let folder: ReturnType<typeof makeFolder>;
let store: GitStore;
let tip: Oid;

/** More folders than are read together, on several depths and with files between them, some alike. */
const paths = [
  "a.json",
  ...Array.from({ length: 700 }, (_, i) => `a/${i % 7}/${i % 50}/x${i}/one.json`),
  ...Array.from({ length: 500 }, (_, i) => `b/${i}/same.json`),
  ...Array.from({ length: 20 }, (_, i) => `b/${i}.json`),
  "c/Twin/one.json",
  "c/twin/one.json",
  "d.json",
];

beforeEach(async () => {
  folder = makeFolder();
  const { path } = folder;
  git(path, ["init", "-q", "--bare", "."]);
  const files = paths.map((file) => `M 100644 inline ${file}\ndata 2\n{}\n`).join("");
  const head = "commit refs/heads/waybill/state\ncommitter T <t@x.invalid> 1770000000 +0000\ndata 1\nx\n";
  git(path, ["-c", "fastimport.unpackLimit=100000", "fast-import", "--quiet"], Buffer.from(head + files));
  store = await openNativeStore({ location: path, env: testEnv(path) });
  tip = oid(git(path, ["rev-parse", "waybill/state"]));
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

function oid(text: string): Oid {
  if (!isOid(text)) throw new Error(text);
  return text;
}

async function walk(wanted?: (folder: string) => boolean) {
  const seen: { path: string; twin: string | undefined }[] = [];
  try {
    for await (const { path, twin } of store.diff(null, tip, wanted)) seen.push({ path, twin });
    return { seen, error: null };
  } catch (error) {
    return { seen, error };
  }
}

test("tells every file once, in order of paths, with its twin", async () => {
  const { seen, error } = await walk();
  expect(error).toBeNull();
  expect(seen.map(({ path }) => path)).toEqual(git(folder.path, ["ls-tree", "-r", "--name-only", tip]).split("\n"));
  expect(seen.filter(({ twin }) => twin !== undefined)).toEqual([
    { path: "c/Twin/one.json", twin: "c/twin" },
    { path: "c/twin/one.json", twin: "c/Twin" },
  ]);
});

test("stops at a folder that is gone, after all that comes before it, and not where nobody wants it", async () => {
  const { path } = folder;
  const gone = git(path, ["rev-parse", `${tip}:a/3/17`]);
  const all = await walk();
  await store.close();
  rmSync(join(path, "objects", gone.slice(0, 2), gone.slice(2)));
  store = await openNativeStore({ location: path, env: testEnv(path) });
  const { seen, error } = await walk();
  expect(error).toMatchObject({ code: "state.object.missing", data: { object: gone } });
  expect(seen).toEqual(
    all.seen.slice(
      0,
      all.seen.findIndex((file) => file.path.startsWith("a/3/17/")),
    ),
  );
  const others = await walk((at) => !at.startsWith("a/3"));
  expect(others).toEqual({ seen: all.seen.filter((file) => !file.path.startsWith("a/3/")), error: null });
});

test("tells the files of more folders than may wait to be read, one tree in the place of all", async () => {
  const { path } = folder;
  const write = (kind: string, content: Buffer) =>
    oid(git(path, ["hash-object", "-t", kind, "-w", "--stdin"], content));
  const blob = write("blob", Buffer.from("{}\n"));
  let tree = write("tree", Buffer.concat([Buffer.from("100644 a.json\0"), Buffer.from(blob, "hex")]));
  const names = Array.from({ length: 300 }, (_, i) => String(1000 + i));
  for (let depth = 0; depth < 2; depth += 1) {
    const entries = names.flatMap((name) => [Buffer.from(`40000 ${name}\0`), Buffer.from(tree, "hex")]);
    tree = write("tree", Buffer.concat(entries));
  }
  const who = "T <t@x.invalid> 1770000000 +0000";
  tip = write("commit", Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nx\n`));
  const { seen, error } = await walk();
  expect(error).toBeNull();
  expect(seen.map((file) => file.path)).toEqual(names.flatMap((one) => names.map((two) => `${one}/${two}/a.json`)));
});
