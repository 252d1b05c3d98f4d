import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Surroundings } from "../../src/ports/surroundings.ts";
import type { Place } from "../../src/platform/git/place.ts";
import type { Repository } from "../../src/platform/git/repository.ts";
import type { Args } from "../command.ts";

/** What is asked of repositories on this disk besides their branches: of git itself, or of their files where there is no git. */
export interface LocalGit {
  findPlace(path: string): Promise<Place | null>;
  makeBare(path: string, head: string): Promise<void>;
  settingOf(gitDir: string | null, name: string): Promise<string | undefined>;
  surroundingsOf(gitDir: string, branches: readonly string[]): Promise<Surroundings>;
}

/** Where programs lie when no PATH is given, as the system has it. */
const DEFAULT_PATH = "/usr/bin:/bin";

/** What was found for an environment: one run asks several times. */
const found = new WeakMap<ReadonlyMap<string, string>, Promise<boolean>>();

/** Repositories that git has found in a run, by path: it is not asked again. */
const repositories = new WeakMap<ReadonlyMap<string, string>, Map<string, Repository>>();

/** The repository at a path where git has found it in this run. */
export function repositoryFound(env: ReadonlyMap<string, string>, path: string): Repository | undefined {
  return repositories.get(env)?.get(path);
}

/** Tells whether git can be started. */
export function hasGit(env: ReadonlyMap<string, string>): Promise<boolean> {
  const known = found.get(env) ?? looksForGit(env);
  found.set(env, known);
  return known;
}

async function looksForGit(env: ReadonlyMap<string, string>): Promise<boolean> {
  const folders = (env.get("PATH") ?? env.get("Path") ?? DEFAULT_PATH)
    .split(delimiter)
    .filter((folder) => folder !== "");
  for (const path of folders.flatMap((folder) => [join(folder, "git"), join(folder, "git.exe")])) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return false;
}

/** Chooses by `--driver`, else by whether there is a git. */
export async function localGit(args: Args, env: ReadonlyMap<string, string>): Promise<LocalGit> {
  const { driver } = args;
  const isPortable = driver === "portable" || (driver !== "native" && !(await hasGit(env)));
  return isPortable ? withoutGit(env) : withGit(env);
}

async function withGit(env: ReadonlyMap<string, string>): Promise<LocalGit> {
  const { gitOf } = await import("../../src/platform/git/git-process.ts");
  const { findPlace, makeBare, settingOf } = await import("../../src/platform/git/place.ts");
  const git = gitOf(env);
  return {
    async findPlace(path) {
      const place = await findPlace(git, path);
      const known = repositories.get(env) ?? new Map<string, Repository>();
      if (place?.repository) repositories.set(env, known.set(path, place.repository));
      return place;
    },
    makeBare: (path, head) => makeBare(git, path, head),
    settingOf: (gitDir, name) => settingOf(git, gitDir, name),
    surroundingsOf: async (gitDir, branches) =>
      (await import("../../src/platform/git/surroundings.ts")).surroundingsOf(git, gitDir, branches),
  };
}

async function withoutGit(env: ReadonlyMap<string, string>): Promise<LocalGit> {
  const { findPlace, settingOf } = await import("../../src/platform/portable/place.ts");
  return {
    findPlace: (path) => findPlace(path, env),
    makeBare: async (path, head) =>
      (await import("../../src/platform/portable/make-repository.ts")).makeBare(path, head),
    settingOf: (gitDir, name) => settingOf(env, gitDir, name),
    surroundingsOf: async (gitDir, branches) =>
      (await import("../../src/platform/portable/surroundings.ts")).surroundingsOf(gitDir, branches),
  };
}
