import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { isOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Surroundings } from "../../ports/surroundings.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import { diskErrorIn } from "./disk-errors.ts";
import { type Git, runGit } from "./git-process.ts";
import { readRef } from "./ref-files.ts";

/** Most refs of one kind that are looked at; more of them say nothing new. */
const MAX_REFS = 1000;
/** Larger files of packed refs are left to git. */
const MAX_PACKED_BYTES = 1024 * 1024;
/** Where git keeps the objects that it shows in the place of others. */
export const REPLACED = "refs/replace/";
const HEADS = "refs/heads/";
/** Folders besides that of branches in which git looks for a short name. */
const OTHERS = ["refs", "refs/tags", "refs/remotes"];
const FILES = [
  ["attributes", "info/attributes"],
  ["grafts", "info/grafts"],
  ["alternates", "objects/info/alternates"],
] as const;

/** A ref with what git or its file says that it is at. */
interface NamedRef {
  readonly ref: string;
  readonly tip: string;
}

/**
 * Looks for what goes by the name of a branch: git takes `waybill/state` for a file of its folder first, then for a ref, a tag, a
 * branch, and a remote's branch. Source: gitrevisions(7).
 */
export async function surroundingsOf(git: Git, gitDir: string, branches: readonly string[]): Promise<Surroundings> {
  const [named, replaced, { linked, files }] = await Promise.all([
    refsNamed(git, gitDir, branches),
    mayHold(gitDir, [REPLACED], (packed) => packed.includes(REPLACED)).then((may) =>
      may ? refsLike(git, gitDir, [REPLACED]) : [],
    ),
    filesAround(gitDir, branches),
  ]);
  const namesakes = named.flatMap(({ ref, tip }) => {
    const branch = branches.find((name) => ref.endsWith(`/${name}`));
    return branch === undefined ? [] : [{ ref, branch, tip: isOid(tip) ? tip : null }];
  });
  return {
    namesakes: [...linked.filter(({ ref }) => !named.some((one) => one.ref === ref)), ...namesakes],
    replaced: replaced.map(({ ref }) => ref.slice(REPLACED.length)),
    files,
  };
}

/**
 * Files of the git folder that change what people see, those that are called like a branch, and links in the place of a ref: git takes
 * the text of a link for the name of another ref, but lists only what is there.
 */
export async function filesAround(
  gitDir: string,
  branches: readonly string[],
): Promise<Pick<Surroundings, "files"> & { readonly linked: Surroundings["namesakes"] }> {
  const namesake = (ref: string, branch: string) => ({ ref, branch, tip: null });
  const [files, bare, links] = await Promise.all([
    Promise.all(FILES.map(async ([kind, path]) => ((await isFilled(join(gitDir, path))) ? [{ kind, path }] : []))),
    Promise.all(
      branches.map(async (branch) => {
        const path = join(gitDir, branch);
        return (await isLink(path)) || (await isFilled(path)) ? [namesake(branch, branch)] : [];
      }),
    ),
    Promise.all(
      branches
        .flatMap((branch) => OTHERS.map((place) => namesake(`${place}/${branch}`, branch)))
        .map(async (one) => ((await isLink(join(gitDir, one.ref))) ? [one] : [])),
    ),
  ]);
  return { files: files.flat(), linked: [...bare.flat(), ...links.flat()] };
}

function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/** Refs that go by the name of a branch. Most repositories have none but the branches themselves, and their files say so. */
async function refsNamed(git: Git, gitDir: string, branches: readonly string[]): Promise<readonly NamedRef[]> {
  const loose = ["refs/remotes", ...branches.flatMap((branch) => OTHERS.map((place) => `${place}/${branch}`))];
  const mayBe = await mayHold(gitDir, loose, (packed) =>
    branches.some((branch) => packed.replace(` ${HEADS}${branch}\n`, "").includes(`/${branch}`)),
  );
  const ours = mayBe ? null : await ourRefs(gitDir, branches).catch(() => null);
  if (ours !== null) return ours;
  const places = [...OTHERS, "refs/heads", "refs/remotes/**"];
  const patterns = branches.flatMap((branch) => places.map((place) => `${place}/${branch}`));
  return refsLike(git, gitDir, patterns);
}

async function ourRefs(gitDir: string, branches: readonly string[]): Promise<readonly NamedRef[]> {
  const refs = branches.map((branch) => `${HEADS}${branch}`);
  const tips = await Promise.all(refs.map((ref) => readRef({ commonDir: gitDir }, ref)));
  return refs.flatMap((ref, i) => (tips[i] ? [{ ref, tip: tips[i] }] : []));
}

/** Tells by its files whether a repository may have such refs; a process to hear that it has none costs 5 ms. */
async function mayHold(
  gitDir: string,
  loose: readonly string[],
  isAmong: (packed: string) => boolean,
): Promise<boolean> {
  try {
    // Git packs a ref before it removes the file, so looking in this order misses nothing.
    const found = await Promise.all(loose.map((place) => holds(() => isSomething(join(gitDir, place)))));
    if (found.includes(true)) return true;
    const packed = join(gitDir, "packed-refs");
    if (await holds(async () => (await stat(packed)).size > MAX_PACKED_BYTES)) return true;
    return await holds(async () => isAmong(await readFile(packed, "latin1")));
  } catch {
    // What is there and cannot be read, git is asked about.
    return true;
  }
}

/** A file, a link, or a folder with something in it. */
async function isSomething(path: string): Promise<boolean> {
  return !(await lstat(path)).isDirectory() || (await readdir(path)).length > 0;
}

/** What is said of a path; false where there is none. */
async function holds(said: () => Promise<boolean>): Promise<boolean> {
  try {
    return await said();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(error))) return false;
    throw error;
  }
}

async function refsLike(git: Git, gitDir: string, patterns: readonly string[]): Promise<readonly NamedRef[]> {
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
