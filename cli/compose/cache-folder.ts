import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { type Reason, reason } from "../../src/kernel/errors.ts";
import { derived } from "../../src/kernel/ids.ts";
import { withoutSecret } from "../../src/kernel/text.ts";
import type { Folder } from "../../src/ports/files.ts";
import { keptBytes } from "../../src/platform/kept-file.ts";
import { judgeHome, nodeFolder } from "../../src/platform/node-folder.ts";
import type { Args } from "../command.ts";
import type { RepositoryAt } from "../world.ts";

const KEY_LENGTH = 20;

/** Where the caches of all repositories lie. */
export interface CacheHome {
  readonly path: string;
}

/** Finds the user's cache folder, and refuses one that others may write to with `file.not_permitted`; without a home it is a temporary one, with a warning, which is removed at the end. */
export async function cacheHome(
  env: ReadonlyMap<string, string>,
  warnings: Reason[],
  closers: (() => Promise<void>)[],
): Promise<CacheHome> {
  const base = baseOf(env);
  if (base !== null) return ownHome(join(base, "waybill"));
  const path = await mkdtemp(join(tmpdir(), "waybill-"));
  closers.push(() => rm(path, { recursive: true, force: true }));
  warnings.push(
    reason(
      "file.no_home",
      "There is no home folder, so nothing is remembered between runs: neither the root of decisions nor the newest tips",
      {},
      "Set XDG_CACHE_HOME to a folder of your own",
    ),
  );
  return { path };
}

/** Mirrors and the queue of writers lie in it beside the caches, and all of them are as safe as the folder itself. */
async function ownHome(path: string): Promise<CacheHome> {
  await judgeHome(path);
  return { path };
}

/**
 * Opens the cache of one repository: pinned root, remembered tips, snapshot. It is one for all folders and work trees of a clone, or
 * what is remembered in one of them would not count in another.
 */
export async function cacheFolder(
  home: CacheHome,
  { location, gitDir }: Pick<RepositoryAt, "location" | "gitDir">,
): Promise<Folder> {
  const name = gitDir === null ? withoutSecret(location) : await realpath(gitDir).catch(() => gitDir);
  return nodeFolder(join(home.path, derived(name, KEY_LENGTH)));
}

/** The cache of one run: a dry run reads it and remembers nothing. */
export async function cacheOfRun(home: CacheHome, repository: RepositoryAt, args: Args): Promise<Folder> {
  const folder = await cacheFolder(home, repository);
  return args["dry-run"] === true ? forgetful(folder) : folder;
}

/** A cache that forgets at the end what a dry run remembers: the branches that it has seen may never be made. */
export function forgetful(folder: Folder): Folder {
  const kept = new Map<string, Uint8Array | null>();
  return {
    ...folder,
    async read(path) {
      const found = kept.get(path);
      return found === undefined ? folder.read(path) : found;
    },
    async open(path) {
      const found = kept.get(path);
      return found === undefined ? folder.open(path) : found && keptBytes(found);
    },
    write: async (path, content) => void kept.set(path, content),
    remove: async (path) => void kept.set(path, null),
  };
}

/** XDG_CACHE_HOME, else the platform's folder below the home; null without a home. */
function baseOf(env: ReadonlyMap<string, string>): string | null {
  const given = env.get("XDG_CACHE_HOME") ?? env.get("LOCALAPPDATA");
  // A relative value counts as none. Source: https://specifications.freedesktop.org/basedir-spec/latest/
  if (given !== undefined && isAbsolute(given)) return given;
  const home = env.get("HOME") ?? env.get("USERPROFILE");
  return home !== undefined && isAbsolute(home) ? join(home, ".cache") : null;
}
