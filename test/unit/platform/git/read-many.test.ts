import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { chdir, cwd } from "node:process";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { gitOf } from "../../../../src/platform/git/git-process.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { streamOf } from "../../../../src/platform/git/object-stream.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import { readStream } from "../../../../src/platform/git/read-many.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { collect } from "../../../support/store-under-test.ts";
import { testEnv } from "../../../support/native-under-test.ts";

let folder: ReturnType<typeof makeFolder>;
let store: GitStore;
let oids: Oid[];

/** More than one stream begins at, of sizes around the chunks of a pipe. */
const texts = Array.from({ length: 600 }, (_, i) => (i % 100 === 7 ? "x".repeat(65_530 + i) : `text ${i}\n`));

beforeEach(async () => {
  folder = makeFolder();
  const { path } = folder;
  git(path, ["init", "-q", "--bare", "."]);
  const input = texts.map((text, i) => `blob\nmark :${i + 1}\ndata ${text.length}\n${text}\n`).join("");
  git(path, ["fast-import", "--quiet"], Buffer.from(input));
  oids = texts.map((text) => objectId("sha1", "blob", Buffer.from(text)));
  store = await openNativeStore({ location: path, env: testEnv(path) });
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

async function read(wanted: readonly Oid[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const some of store.blobs([wanted]))
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
    for await (const some of store.blobs([[...oids.slice(0, 400), absent, ...oids.slice(400)]]))
      seen.push(...some.map(({ oid }) => oid));
  };
  await expect(work()).rejects.toMatchObject({ code: "state.object.missing", data: { object: absent } });
  expect(seen).toEqual(oids.slice(0, 400));
});

test("one of another kind is damage", async () => {
  const tree = objectId("sha1", "tree", Buffer.alloc(0));
  git(folder.path, ["hash-object", "-t", "tree", "-w", "--stdin"], Buffer.alloc(0));
  await expect(read([...oids, tree])).rejects.toMatchObject({ code: "state.object.corrupt" });
});

test("a reader that stops early leaves no process behind, whatever is still to be asked", async () => {
  const lists = async function* () {
    yield oids;
    await new Promise(() => {});
  };
  const stream = await streamOf(gitOf(testEnv(folder.path)), join(folder.path, "objects"), "sha1", lists());
  const ended = new Promise((resolve) => stream.contents.once("close", resolve));
  for await (const [first] of readStream(stream, "sha1", { kind: "blob", maxBytes: 1 << 20 })) {
    expect(Buffer.from(first?.bytes ?? []).toString()).toBe(texts[0]);
    break;
  }
  await ended;
  expect(await read(oids.slice(0, 300))).toEqual(texts.slice(0, 300));
});

test("ids are asked for while others are read, and no more than git has to do", async () => {
  let asked = 0;
  const lists = async function* () {
    for (let at = 0; at < 100; at += 1) {
      asked += oids.length;
      yield oids;
    }
  };
  let come = 0;
  let most = 0;
  for await (const some of store.blobs(lists())) {
    most = Math.max(most, asked - come);
    come += some.length;
  }
  expect(come).toBe(100 * oids.length);
  expect(most).toBeGreaterThan(oids.length);
  expect(most).toBeLessThan(10 * oids.length);
});

/** Ways in which git is told to show blobs by a command, each `ran` when it was. */
const conversions = {
  "the repository, for all that is not named": (path: string, command: string) => {
    git(path, ["config", "diff.default.textconv", command]);
  },
  "the repository, by attributes": (path: string, command: string) => {
    writeFileSync(join(path, "info", "attributes"), "* diff=loud\n");
    git(path, ["config", "diff.loud.textconv", command]);
  },
  "a file that the repository includes": (path: string, command: string) => {
    git(path, ["config", "--file", join(path, "more"), "diff.default.textconv", command]);
    git(path, ["config", "include.path", "more"]);
  },
  "the user": (path: string, command: string) => {
    git(path, ["config", "--file", join(path, ".gitconfig"), "diff.default.textconv", command]);
  },
};

test.each(Object.entries(conversions))("no command of %s is run to read blobs", async (_, tell) => {
  const { path } = folder;
  const ran = join(path, "ran");
  tell(path, `touch ${ran}; tr a-z A-Z <`);
  const users = ["-c", `include.path=${join(path, ".gitconfig")}`];
  const shown = git(path, [...users, "cat-file", "--textconv", "--path=any", oids[0] ?? ""]);
  expect([shown, existsSync(ran)]).toEqual(["TEXT 0", true]);
  rmSync(ran);
  expect(await read(oids)).toEqual(texts);
  expect(existsSync(ran)).toBe(false);
});

/** Files of attributes that git would read for every blob, and some without an end. */
const attributes = {
  "a device of the repository": (path: string) => git(path, ["config", "core.attributesFile", "/dev/zero"]),
  "a device that the repository links to": (path: string) => symlinkSync("/dev/urandom", join(path, "info/attributes")),
  "a pipe": (path: string) => execFileSync("mkfifo", [join(path, "info", "attributes")]),
  "a pipe in the work tree": (path: string) => {
    git(path, ["config", "core.bare", "false"]);
    const tree = join(path, "tree");
    mkdirSync(tree);
    execFileSync("mkfifo", [join(tree, ".gitattributes")]);
    const before = cwd();
    onTestFinished(() => chdir(before));
    chdir(tree);
  },
  "a pipe of the user": (path: string) => {
    mkdirSync(join(path, ".config", "git"), { recursive: true });
    execFileSync("mkfifo", [join(path, ".config", "git", "attributes")]);
  },
};

test.each(Object.entries(attributes))("no attributes are read: %s", async (_, make) => {
  make(folder.path);
  expect(await read(oids)).toEqual(texts);
});

test("nothing is left in the folder for temporary files, and none is needed", async () => {
  const temporary = join(folder.path, "temporary");
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await read(oids)).toEqual(texts);
  mkdirSync(temporary);
  expect(await read(oids)).toEqual(texts);
  for await (const some of store.blobs([oids])) if (some.length > 0) break;
  expect(readdirSync(temporary)).toEqual([]);
});

test("a folder for temporary files may be named from where we are", async () => {
  vi.stubEnv("TMPDIR", relative(cwd(), folder.path));
  onTestFinished(() => void vi.unstubAllEnvs());
  const stream = await streamOf(gitOf(testEnv(folder.path)), join(folder.path, "objects"), "sha1", [oids]);
  const printed = Buffer.concat(await collect(stream.contents as AsyncIterable<Buffer>));
  expect(printed.toString()).toBe(texts.map((text, i) => `${oids[i]} blob ${text.length}\n${text}\n`).join(""));
  stream.end();
});

test("what is far larger than any document makes git end instead of holding it", async () => {
  const { path } = folder;
  const large = Buffer.alloc(80 * 1024 * 1024);
  git(path, ["hash-object", "-w", "--stdin"], large);
  const asked = [...oids, objectId("sha1", "blob", large)];
  const stream = await streamOf(gitOf(testEnv(path)), join(path, "objects"), "sha1", [asked]);
  const printed = await collect(stream.contents as AsyncIterable<Buffer>);
  const told = Buffer.concat(texts.map((text, i) => Buffer.from(`${oids[i]} blob ${text.length}\n${text}\n`)));
  expect(Buffer.concat(printed).subarray(0, told.length)).toEqual(told);
  expect(Buffer.concat(printed).length).toBeLessThan(told.length + 100);
  const seen: Oid[] = [];
  const work = async () => {
    for await (const some of store.blobs([asked])) seen.push(...some.map(({ oid }) => oid));
  };
  await expect(work()).rejects.toMatchObject({ code: "state.limit.exceeded" });
  expect(seen).toEqual(oids);
});

test("a stream that ended before anybody read it ends at once", async () => {
  const contents = Readable.from([]).resume();
  await new Promise((resolve) => contents.once("close", resolve));
  const stream = { contents, end: () => undefined };
  const found = readStream(stream, "sha1", { kind: "blob", maxBytes: 10 });
  expect(await found.next()).toMatchObject({ done: true });
});
