import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import type { Git } from "../../../../src/platform/git/git-process.ts";
import { Printer } from "../../../../src/platform/git/object-stream.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import { readMany } from "../../../../src/platform/git/read-many.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

const texts = Array.from({ length: 40 }, (_, i) => `text ${i}\n`.repeat(i * 100));
const oids = texts.map((text) => objectId("sha1", "blob", Buffer.from(text)));
const absent = objectId("sha1", "blob", Buffer.from("nobody has this"));
let folder = makeFolder();
let printer: Printer;

beforeEach(() => {
  folder = makeFolder();
  git(folder.path, ["init", "-q", "--bare", "."]);
  const input = texts.map((text) => `blob\ndata ${text.length}\n${text}\n`).join("");
  git(folder.path, ["fast-import", "--quiet"], Buffer.from(input));
  printer = new Printer(gitAt("git"), folder.path);
});

afterEach(() => {
  printer.close();
  folder.remove();
});

function gitAt(program: string): Git {
  return { program, env: Object.fromEntries(testEnv(folder.path)) };
}

/** What comes of a list, or of its first piece alone, and the stream that it came by. */
async function take(wanted: readonly Oid[], isWhole = true) {
  const stream = printer.streamOf(wanted);
  const found: string[] = [];
  for await (const some of readMany(stream, "sha1", { oids: wanted, kind: "blob", maxBytes: 1_000_000 })) {
    found.push(...some.map(({ content }) => Buffer.from(content).toString()));
    if (!isWhole) break;
  }
  return { found, contents: stream.contents };
}

test("one git prints list after list, also where who reads stops behind the last", async () => {
  const first = await take(oids.slice(0, 10));
  const second = await take(oids);
  expect([first.found, second.found]).toEqual([texts.slice(0, 10), texts]);
  expect(second.contents).toBe(first.contents);
});

test("what was not taken whole, or held what is not there, is not gone on with", async () => {
  const part = await take(oids, false);
  const lacking = await take([...oids.slice(0, 2), absent, ...oids.slice(2)]);
  const whole = await take(oids);
  expect(part.found.length).toBeLessThan(texts.length);
  expect([part.found, lacking.found, whole.found]).toEqual([
    texts.slice(0, part.found.length),
    texts.slice(0, 2),
    texts,
  ]);
  expect(new Set([part.contents, lacking.contents, whole.contents]).size).toBe(3);
});

test("lists that are read at the same time do not meet", async () => {
  const both = await Promise.all([take(oids.slice(0, 20)), take(oids.slice(20))]);
  expect(both.flatMap(({ found }) => found)).toEqual(texts);
});

test("nothing comes of an empty list", async () => {
  expect((await take([])).found).toEqual([]);
});

test("a git that cannot be told where a list ends is asked without that once it said so", async () => {
  const old = join(folder.path, "old-git");
  writeFileSync(old, '#!/bin/sh\ncase "$*" in *--batch-command*) exit 129;; esac\nexec git "$@"\n');
  chmodSync(old, 0o755);
  printer = new Printer(gitAt(old), folder.path);
  expect((await take(oids)).found).toEqual([]);
  await vi.waitFor(async () => expect((await take(oids)).found).toEqual(texts));
  expect((await take(oids)).found).toEqual(texts);
});
