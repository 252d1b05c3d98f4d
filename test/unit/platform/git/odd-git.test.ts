import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";
import { testEnv } from "../../../support/native-under-test.ts";

const texts = Array.from({ length: 4000 }, (_, i) => `text ${i}\n`);
const oids = texts.map((text): Oid => objectId("sha1", "blob", Buffer.from(text)));
const GIT = execFileSync("sh", ["-c", "command -v git"]).toString().trim();
/** Git as it was asked to be. */
const AS_IS = `'${GIT}' "$@"`;

let folder: ReturnType<typeof makeFolder>;

beforeEach(() => {
  folder = makeFolder();
  git(folder.path, ["init", "-q", "--bare", "."]);
  const input = texts.map((text, i) => `blob\nmark :${i + 1}\ndata ${text.length}\n${text}\n`).join("");
  git(folder.path, ["fast-import", "--quiet"], Buffer.from(input));
});

afterEach(() => folder.remove());

/** What a git does that prints a stream of objects, in place of what it is to do. */
const misdeeds = {
  "ends at once": "exit 3",
  "ends well without an answer": "exit 0",
  "ends in the middle": `${AS_IS} | head -c 50007`,
  "is killed in the middle": `${AS_IS} | head -c 50007; kill -9 $$`,
  "says something else first": `echo 'this is no object'; exec ${AS_IS}`,
  "says much without a line end": `head -c 100000 /dev/zero | tr '\\0' x; exec ${AS_IS}`,
  "says what is not so": `${AS_IS} | sed 's/text 17$/texx 17/'`,
  "leaves one out": `sed 10d | ${AS_IS}`,
  "says one twice": `sed 10p | ${AS_IS}`,
  "swaps two": `sed '10{h;d};11{G}' | ${AS_IS}`,
  "names a huge size": `head -n 1 > /dev/null; printf '%s blob 999999999999999\\n' ${oids[0]}; exec ${AS_IS}`,
  "names a size that is no number": `printf '%s blob -7\\ntext 0\\n' ${oids[0]}; exec ${AS_IS}`,
  "floods what it says of errors": `head -c 5000000 /dev/zero >&2; exec ${AS_IS}`,
};

test.each(Object.entries(misdeeds))("all blobs are right where the git that streams them %s", async (_, script) => {
  const { path } = folder;
  const bin = join(path, "bin");
  mkdirSync(bin);
  const streams = `case "$*" in *--textconv) ${script}; exit;; esac`;
  writeFileSync(join(bin, "git"), `#!/bin/sh\n${streams}\nexec ${AS_IS}\n`, { mode: 0o755 });
  const on = new Map([...testEnv(path), ["PATH", `${bin}:${env["PATH"] ?? ""}`]]);
  const store = await openNativeStore({ location: path, env: on });
  try {
    const found: string[] = [];
    for await (const some of store.blobs([oids]))
      for (const { oid, bytes } of some) {
        expect(oid).toBe(oids[found.length]);
        found.push(Buffer.from(bytes).toString());
      }
    expect(found).toEqual(texts);
  } finally {
    await store.close();
  }
});
