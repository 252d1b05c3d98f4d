import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitOf } from "../../../../src/platform/git/git-process.ts";
import { makeBare } from "../../../../src/platform/git/place.ts";
import { git, makeFolder } from "../../../support/git-repo.ts";

const STATE = "waybill/state";
const REF = `refs/heads/${STATE}`;
const WHO = "x <x@example.invalid> 1 +0000";
const folder = makeFolder();
const [theirs, mine] = [join(folder.path, "theirs.git"), join(folder.path, "mine.git")];
let tree = "";

beforeAll(async () => {
  await makeBare(gitOf(new Map([["PATH", process.env["PATH"] ?? ""]])), theirs, STATE);
  git(folder.path, ["init", "--bare", "--quiet", mine]);
  tree = git(mine, ["mktree"]);
});
afterAll(() => folder.remove());

/** Writes a commit as it is given, checked by nobody. */
function plant(lines: readonly string[]): string {
  const text = `${[`tree ${tree}`, ...lines].join("\n")}\n\nx\n`;
  return git(mine, ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], Buffer.from(text));
}

function commit(...parents: readonly string[]): string {
  return plant([...parents.map((parent) => `parent ${parent}`), `author ${WHO}`, `committer ${WHO}`]);
}

/** Pushes a commit, "" to delete; says what the other side refused. */
function push(oid: string): string | null {
  try {
    git(mine, ["push", "--quiet", "--force", theirs, `${oid}:${REF}`]);
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : "";
  }
}

describe("a bare repository that the tool makes", () => {
  it("takes no malformed commit", () => {
    expect(push(plant([`committer ${WHO}`]))).toContain("missingAuthor");
    expect(push(commit())).toBeNull();
  });
});

describe("the hook of docs/threat-model.md", () => {
  it("lets a branch go forward along first parents, and not back in any way", () => {
    const page = readFileSync(new URL("../../../../docs/threat-model.md", import.meta.url), "utf8");
    const hook = join(theirs, "hooks", "pre-receive");
    mkdirSync(join(theirs, "hooks"), { recursive: true });
    writeFileSync(hook, /```sh\n(#!\/bin\/sh\nwhile read[^`]*)```/.exec(page)?.[1] ?? "");
    chmodSync(hook, 0o755);
    git(theirs, ["update-ref", "-d", REF]);
    const old = commit();
    const newest = commit(old, commit(old));
    for (const oid of [old, newest, commit(newest)]) expect(push(oid)).toBeNull();
    for (const oid of [newest, commit(old, newest), ""]) expect(push(oid)).toContain("only goes forward");
  });
});
