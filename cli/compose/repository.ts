import { readdir, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ToolError } from "../../src/kernel/errors.ts";
import { printable } from "../../src/kernel/text.ts";
import { onPath } from "../../src/platform/file-errors.ts";
import type { Place } from "../../src/platform/git/place.ts";
import { STATE } from "../../src/state/branches.ts";
import type { Args } from "../command.ts";
import type { GithubPlace, RepositoryAt } from "../world.ts";
import { githubBehind, githubNamed, githubToken } from "./github.ts";
import { type LocalGit, localGit } from "./local-git.ts";
import { type Server, serverOf } from "./server.ts";

/** What to do where there is no repository: fail, make a bare one, or only say that it would be made. */
export type Missing = "fail" | "make" | "plan";

/**
 * Finds the repository by `--server`, else around the current folder; with `make`, the positional `path` comes first.
 * Throws `state.repository.missing`, `usage.not_here`, `usage.invalid_argument`, `file.exists`.
 */
export async function repositoryOf(
  args: Args,
  env: ReadonlyMap<string, string>,
  missing: Missing = "fail",
): Promise<RepositoryAt> {
  const path = missing === "fail" ? undefined : args["path"];
  // An argument that is called path is one, however it is written.
  if (typeof path === "string" && !path.includes("://"))
    return { ...(await onDisk(path, await localGit(args, env), missing)), github: null };
  const server = await namedBy(path ?? args["server"]);
  const elsewhere = { gitDir: null, workTree: null, made: false };
  if (server?.kind === "github")
    return {
      location: `${server.owner}/${server.repo}`,
      ...elsewhere,
      github: githubNamed(server.owner, server.repo, env),
    };
  if (server?.kind === "remote")
    return { location: server.url, ...elsewhere, github: hasToken(env) ? githubBehind(server.url, env) : null };
  const git = await localGit(args, env);
  const found = await onDisk(server?.path ?? null, git, missing);
  return { ...found, github: hasToken(env) ? await githubOf(found, git, env) : null };
}

function hasToken(env: ReadonlyMap<string, string>): boolean {
  return githubToken(env) !== null;
}

/** The GitHub repository that a clone was made from. */
async function githubOf(
  { gitDir, workTree }: OnDisk,
  git: LocalGit,
  env: ReadonlyMap<string, string>,
): Promise<GithubPlace | null> {
  if (gitDir === null || workTree === null) return null;
  const url = await git.settingOf(gitDir, "remote.origin.url");
  return url === undefined ? null : githubBehind(url, env);
}

type OnDisk = Omit<RepositoryAt, "github">;

async function onDisk(path: string | null, git: LocalGit, missing: Missing): Promise<OnDisk> {
  const location = resolve(path ?? ".");
  const place = (await isFolder(location)) ? await git.findPlace(location) : null;
  const mayMake = missing !== "fail" && path !== null;
  if (place !== null && (!mayMake || (await isItself(location, place))))
    return { location, gitDir: place.gitDir, workTree: place.workTree, made: false };
  if (!mayMake) throw missingAt(path);
  await judgeRoom(location);
  if (missing === "make") await git.makeBare(location, STATE);
  return { location, gitDir: location, workTree: null, made: true };
}

async function namedBy(given: Args[string]): Promise<Server | null> {
  return typeof given === "string" ? serverOf(given, await isFolder(given)) : null;
}

/** Tells a repository at a folder from one that only lies around it. */
async function isItself(location: string, { gitDir, workTree }: Place): Promise<boolean> {
  const real = await realpath(location);
  return real === (await realpath(gitDir)) || (workTree !== null && real === (await realpath(workTree)));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Folders that a try which was killed left behind. A file may be somebody's, whatever its name: one called config often is. */
const BEING_MADE: ReadonlySet<string> = new Set(["objects", "refs"]);

/** Throws `file.exists` where a bare repository would be strewn among files of somebody's. */
async function judgeRoom(location: string): Promise<void> {
  const names = (await isFolder(location)) ? await onPath(location, () => readdir(location)) : [];
  if (names.every((name) => BEING_MADE.has(name))) return;
  const shown = printable(location);
  throw new ToolError("file.exists", `${shown} has other files in it, and no git repository`, {
    data: { path: shown },
    hints: ["Name a folder that is empty or not there yet; or make one of these files: git init"],
  });
}

function missingAt(path: string | null): ToolError {
  if (path === null) {
    return new ToolError("state.repository.missing", "There is no git repository here", {
      hints: ["Go into a clone, or name a repository: --server ./repo.git", "waybill init ./repo.git makes one"],
    });
  }
  return new ToolError("state.repository.missing", `There is no git repository at ${printable(path)}`, {
    data: { path },
    hints: [`waybill init ${printable(path)}`],
  });
}
