import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { isOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import { isThere } from "../git/file-ops.ts";
import type { Repository } from "../git/repository.ts";
import { isOn, lastOf, readSettings, type Settings, userSettings } from "./config.ts";
import { expectTrusted } from "./ownership.ts";
import { unsupported } from "./unsupported.ts";

/** A repository on disk, as it was found without git. */
export interface PortableRepository extends Repository {
  /** Top of the work tree; null in a bare repository, and inside a git folder. */
  readonly workTree: string | null;
  /** Settings of the repository alone. */
  readonly own: Settings;
  /** Settings of machine, user and repository, in the order in which the last one counts. */
  readonly settings: Settings;
}

/** Extensions that change nothing of how objects and refs are read. */
const HARMLESS = new Set(["noop", "noop-v1", "preciousobjects", "relativeworktrees", "worktreeconfig"]);
const MAX_FILE_BYTES = 4096;

/**
 * Finds the repository at a path, as git does: the path, then each folder above on the same disk. Throws `state.repository.missing`,
 * `.unsafe` or `.unsupported`.
 */
export async function findRepository(location: string, env: ReadonlyMap<string, string>): Promise<PortableRepository> {
  const start = await realpath(resolve(location)).catch((cause: unknown) => {
    throw errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR"
      ? missingAt(location)
      : fileError(cause, location);
  });
  const found = await discover(start, location);
  if (found === null) throw missingAt(location);
  const user = await userSettings(env);
  const isImplicit = found.workTree === null && !found.gitDir.endsWith("/.git");
  await expectTrusted(location, found, user, isImplicit);
  const { gitDir, workTree } = found;
  const commonDir = await commonDirOf(gitDir);
  // A file of the repository that sends readers elsewhere would bring another memory with it than the one of this place.
  if (gitDir !== commonDir && dirname(dirname(gitDir)) !== commonDir)
    throw unsupported(location, "its file commondir names another repository", "Name that repository itself");
  if (gitDir.includes("\n")) throw unsupported(location, "its path has a line break", "Move it to a path of one line");
  const own = await readSettings(join(commonDir, "config"));
  await expectReadable(location, commonDir, own);
  const bare = lastOf(own, "core.bare");
  const isBare = bare === undefined ? workTree === null && !gitDir.endsWith("/.git") : isOn(bare);
  const tree = isBare ? null : workTree;
  return { gitDir, commonDir, algorithm: "sha1", isBare, workTree: tree, own, settings: [...user, ...own] };
}

/** A git folder, and the file and work tree by which it was found. */
export interface Found {
  readonly gitDir: string;
  readonly workTree: string | null;
  /** What has to belong to the user. */
  readonly owned: readonly string[];
}

async function discover(start: string, location: string): Promise<Found | null> {
  const { dev } = await stat(start);
  for (let folder = start; ; folder = dirname(folder)) {
    if ((await stat(folder)).dev !== dev) return null;
    const dot = join(folder, ".git");
    const kind = await kindOf(dot);
    if (kind === "file") return linked(dot, folder, location);
    if (kind === "folder" && (await isGitFolder(dot))) return { gitDir: dot, workTree: folder, owned: [folder, dot] };
    if (await isGitFolder(folder)) return { gitDir: folder, workTree: null, owned: [folder] };
    if (dirname(folder) === folder) return null;
  }
}

/** A file `.git` names the git folder of a linked work tree or of a submodule. */
async function linked(file: string, workTree: string, location: string): Promise<Found> {
  const text = await textOf(file);
  const named = /^gitdir: ([^\n]+)\n*$/.exec(text ?? "")?.[1];
  const path = named === undefined ? null : isAbsolute(named) ? named : join(workTree, named);
  const gitDir = path === null ? null : await realpath(path).catch(() => null);
  if (gitDir === null || !(await isGitFolder(gitDir))) throw missingAt(location);
  return { gitDir, workTree, owned: [file, workTree, gitDir] };
}

/** Git takes a folder for a repository by its HEAD, objects and refs. */
async function isGitFolder(folder: string): Promise<boolean> {
  const head = (await textOf(join(folder, "HEAD")))?.trim();
  if (head === undefined || !(/^ref:\s*refs\/\S/.test(head) || isOid(head))) return false;
  const common = await commonDirOf(folder);
  return (await kindOf(join(common, "objects"))) === "folder" && (await isThere(join(common, "refs")));
}

async function commonDirOf(gitDir: string): Promise<string> {
  const named = (await textOf(join(gitDir, "commondir")))?.trim();
  if (named === undefined || named === "") return gitDir;
  const path = isAbsolute(named) ? named : join(gitDir, named);
  return realpath(path).catch(() => path);
}

async function expectReadable(location: string, commonDir: string, own: Settings): Promise<void> {
  const version = lastOf(own, "core.repositoryformatversion") ?? "0";
  if (!["0", "1"].includes(version)) throw unsupported(location, `its format is ${printable(version)}`, GIT);
  for (const [name, value] of own) {
    const extension = /^extensions\.(.*)$/.exec(name)?.[1];
    if (extension === undefined || HARMLESS.has(extension)) continue;
    if (extension === "objectformat" && value.toLowerCase() === "sha1") continue;
    if (extension === "refstorage" && value.toLowerCase() === "files") continue;
    throw unsupported(location, `it uses ${printable(extension)} = ${printable(value)}`, GIT);
  }
  const promisor = own.find(([name, value]) => /^remote\..*\.promisor$/s.test(name) && isOn(value));
  if (promisor !== undefined)
    throw unsupported(location, "it is a partial clone, and objects of it lie elsewhere", GIT);
  if (await isThere(join(commonDir, "reftable"))) throw unsupported(location, "it keeps its refs in reftables", GIT);
}

const GIT = "Install git, or use a whole clone with SHA-1 ids and files as refs";

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? "folder" : found.isFile() ? "file" : null;
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(cause))) return null;
    throw fileError(cause, path);
  }
}

async function textOf(path: string): Promise<string | undefined> {
  if ((await kindOf(path)) !== "file") return undefined;
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw fileError(cause, path);
  });
  return text.slice(0, MAX_FILE_BYTES);
}

function missingAt(location: string): ToolError {
  return new ToolError("state.repository.missing", `There is no git repository at ${printable(location)}`, {
    data: { location },
    hints: ["Give the path of a clone or of a bare repository, or make one: waybill init ./repo.git"],
  });
}
