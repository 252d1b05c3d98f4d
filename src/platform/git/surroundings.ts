import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { isOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Surroundings } from "../../ports/surroundings.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import { diskErrorIn } from "./disk-errors.ts";
import { type Git, runGit } from "./git-process.ts";

/** Most refs of one kind that are looked at; more of them say nothing new. */
const MAX_REFS = 1000;
/** Larger files of packed refs are left to git. */
const MAX_PACKED_BYTES = 1024 * 1024;
/** Where git keeps the objects that it shows in the place of others. */
export const REPLACED = "refs/replace/";
const FILES = [
  ["attributes", "info/attributes"],
  ["grafts", "info/grafts"],
  ["alternates", "objects/info/alternates"],
] as const;

/**
 * Looks for what goes by the name of a branch: git takes `waybill/state` for a file of its folder first, then for a ref, a tag, a
 * branch, and a remote's branch. Source: gitrevisions(7).
 */
export async function surroundingsOf(git: Git, gitDir: string, branches: readonly string[]): Promise<Surroundings> {
  const patterns = branches.flatMap((branch) =>
    ["refs", "refs/tags", "refs/heads", "refs/remotes", "refs/remotes/**"].map((place) => `${place}/${branch}`),
  );
  const [named, replaced, { bare, files }] = await Promise.all([
    refsLike(git, gitDir, patterns),
    mayBeReplaced(gitDir).then((may) => (may ? refsLike(git, gitDir, [REPLACED]) : [])),
    filesAround(gitDir, branches),
  ]);
  const namesakes = named.flatMap(({ ref, tip }) => {
    const branch = branches.find((name) => ref.endsWith(`/${name}`));
    return branch === undefined ? [] : [{ ref, branch, tip: isOid(tip) ? tip : null }];
  });
  return {
    namesakes: [...bare.map((branch) => ({ ref: branch, branch, tip: null })), ...namesakes],
    replaced: replaced.map(({ ref }) => ref.slice(REPLACED.length)),
    files,
  };
}

/** Files of the git folder that change what people see, and those that are called like a branch. */
export async function filesAround(
  gitDir: string,
  branches: readonly string[],
): Promise<Pick<Surroundings, "files"> & { readonly bare: readonly string[] }> {
  const [files, bare] = await Promise.all([
    Promise.all(FILES.map(async ([kind, path]) => ((await isFilled(join(gitDir, path))) ? [{ kind, path }] : []))),
    Promise.all(branches.map(async (branch) => ((await isFilled(join(gitDir, branch))) ? [branch] : []))),
  ]);
  return { files: files.flat(), bare: bare.flat() };
}

/** Tells by its files whether a repository may have replace refs: nearly none has, and a process to hear so costs 3 ms. */
async function mayBeReplaced(gitDir: string): Promise<boolean> {
  try {
    // Git packs a ref before it removes the file, so looking in this order misses nothing.
    if (await holds(async () => (await readdir(join(gitDir, REPLACED))).length > 0)) return true;
    const packed = join(gitDir, "packed-refs");
    if (await holds(async () => (await stat(packed)).size > MAX_PACKED_BYTES)) return true;
    return await holds(async () => (await readFile(packed, "latin1")).includes(` ${REPLACED}`));
  } catch {
    // What is there and cannot be read, git is asked about.
    return true;
  }
}

/** What is said of a file; false where there is none. */
async function holds(said: () => Promise<boolean>): Promise<boolean> {
  try {
    return await said();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function refsLike(git: Git, gitDir: string, patterns: readonly string[]) {
  const args = ["for-each-ref", `--count=${MAX_REFS}`, "--format=%(objectname) %(refname)", ...patterns];
  const { status, stdout, stderr } = await runGit(git, gitDir, args);
  if (status !== 0) {
    const output = printable(stderr.trim(), 1000);
    const unlisted = new ToolError("file.unreadable", "Git cannot list refs", { data: { output } });
    throw diskErrorIn(stderr, "Listing refs") ?? unlisted;
  }
  const lines = stdout.toString("utf8").split("\n");
  return lines.flatMap((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? [] : [{ tip: line.slice(0, space), ref: line.slice(space + 1) }];
  });
}

/** Tells whether there is a file with something in it. */
async function isFilled(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size > 0;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(error))) return false;
    throw fileError(error, path);
  }
}
