import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { printable, withoutSecret } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Log } from "../../ports/log.ts";
import { suppliedObjects } from "./absent-objects.ts";
import { fetchBranches } from "./fetch-branches.ts";
import { diskOps } from "./file-ops.ts";
import { type Git, gitOf, runGit } from "./git-process.ts";
import { defaultLimits } from "./limits.ts";
import { localBranches } from "./local-branches.ts";
import { addressKey, isAddress } from "./mirror-address.ts";
import { gitWithRemote, REMOTE, TRACKING } from "./mirror-making.ts";
import { Mirror } from "./mirror.ts";
import { nativeObjects } from "./native-objects.ts";
import { nativeQueue } from "./native-queue.ts";
import { objectDatabase } from "./object-database.ts";
import type { QueueSettings } from "./queue/queue.ts";
import { promisedObjects } from "./promised-objects.ts";
import { readRef } from "./ref-files.ts";
import { RefUpdater } from "./ref-updater.ts";
import { type Remote, remoteBranches } from "./remote-branches.ts";
import { findRepository, type Repository } from "./repository.ts";
import { gitStore } from "./store.ts";
import type { StoreOptions } from "./store-options.ts";
import type { Branches } from "./store-parts.ts";
import { systemClock } from "../clock.ts";

/** How a native store is opened. */
export interface NativeStoreOptions extends StoreOptions {
  /** Path of a bare repository or of a clone, or address of a remote (`https://`, `ssh://`, `file://`, `host:path`). */
  readonly location: string;
  /** The repository at `location`, where git has found it already. */
  readonly repository?: Repository;
  /** Environment of the children; its `GIT_*` are dropped. */
  readonly env: ReadonlyMap<string, string>;
  /** Settings of git for this store alone, for example a header that says who asks; never in argv. */
  readonly settings?: readonly (readonly [name: string, value: string])[];
  /** Hears what is fetched beyond the ordinary. */
  readonly log?: Log;
  /** Null lets writers of a remote race; a test sets more. */
  readonly queue?: QueueSettings | null;
}

const FRESH_MS = 2000;
const PREFIX = "waybill/";

/**
 * Opens a repository through git itself. A bare repository, and a clone whose remote has no state branch, are used in place; else
 * the branches are those of the remote, fetched here and moved by pushes. Throws `state.repository.missing`, `.unsafe`,
 * `.unsupported`, and `state.push.network` or `.unauthorised` where a remote cannot be asked.
 */
export async function openNativeStore(options: NativeStoreOptions): Promise<GitStore> {
  const git = gitOf(options.env, "git", options.settings);
  const clock = options.clock ?? systemClock;
  const mirror = isAddress(options.location) ? await openMirror(git, clock, options) : undefined;
  const repository = mirror?.repository ?? options.repository ?? (await findRepository(git, options.location));
  const openRaw = () => nativeObjects(git, repository, options.fileOps ?? diskOps, defaultLimits.importedBytes);
  const promised = mirror ?? (await promisedObjects(git, repository, options.prefix ?? PREFIX, clock));
  const isSupplied = promised !== null && options.offline !== true;
  const raw = isSupplied ? suppliedObjects(openRaw, promised) : openRaw();
  const refs = new RefUpdater(git, repository.gitDir, repository.algorithm);
  const branches = await openBranches(git, { repository, mirror }, refs, clock, options);
  const store = gitStore({
    location: withoutSecret(options.location),
    objects: objectDatabase(raw, { ...defaultLimits, ...options.limits }),
    branches,
    clock,
    random: options.random ?? Math.random,
    async close() {
      await Promise.all([raw.close(), branches.close()]);
      await mirror?.tidy();
    },
  });
  return isSupplied ? { ...store, fetchAll: () => promised.fetchAll() } : store;
}

function openMirror(git: Git, clock: Clock, options: NativeStoreOptions): Promise<Mirror> {
  const { location: url, cache, prefix = PREFIX, offline = false } = options;
  if (cache === undefined) throw new ToolError("internal.bug", "An address needs a cache folder for its mirror");
  const path = join(cache, "mirrors", `${addressKey(url)}.git`);
  return Mirror.open({ git, url, prefix, path, clock }, offline, options.log);
}

async function openBranches(
  git: Git,
  { repository, mirror }: { readonly repository: Repository; readonly mirror: Mirror | undefined },
  refs: RefUpdater,
  clock: Clock,
  options: NativeStoreOptions,
): Promise<Branches> {
  const prefix = options.prefix ?? PREFIX;
  const name = isAddress(options.location) ? options.location : await remoteName(git, repository, options.remote);
  if (name === null) return localBranches(git, repository, refs, prefix);
  const isMirror = mirror !== undefined;
  const url = isMirror ? name : await addressOf(git, repository, name);
  const remote: Remote = {
    git: isMirror ? gitWithRemote(git, url) : git,
    repository,
    refs,
    name: isMirror ? REMOTE : name,
    url,
    tracking: isMirror ? TRACKING : `refs/remotes/${name}/`,
    prefix,
    offline: options.offline ?? false,
    freshMs: options.freshMs ?? FRESH_MS,
    queue: nativeQueue(git, repository, url, { ...options, clock }),
    clock,
    ...(isMirror ? { mirror } : {}),
  };
  const isChosen = isMirror || options.remote !== undefined;
  const begun = clock.now().getTime();
  if (!(await isTheirs(remote, isChosen))) return localBranches(git, repository, refs, prefix);
  return remoteBranches(remote, begun);
}

/** The remote that was asked for, else the clone's `origin`; a bare repository has one only when it is asked for. */
async function remoteName(git: Git, repository: Repository, wanted: string | undefined): Promise<string | null> {
  if (wanted === undefined && repository.isBare) return null;
  const { stdout } = await runGit(git, repository.gitDir, ["remote"]);
  const names = stdout.toString("utf8").split("\n");
  if (wanted === undefined) return names.includes("origin") ? "origin" : null;
  if (wanted !== "" && names.includes(wanted)) return wanted;
  throw new ToolError("usage.invalid_argument", `The clone has no remote ${printable(wanted)}`, {
    data: { remote: printable(wanted) },
    hints: ["git remote lists them"],
  });
}

async function addressOf(git: Git, repository: Repository, name: string): Promise<string> {
  const { stdout } = await runGit(git, repository.gitDir, ["remote", "get-url", "--push", name]);
  return stdout.toString("utf8").trimEnd() || name;
}

/**
 * Fetches, and tells whether the branches are the remote's: always where it was chosen, else where it has a state branch. A remote
 * that cannot be asked does not lock people out of a state that has only ever been in this clone.
 */
async function isTheirs(remote: Remote, isChosen: boolean): Promise<boolean> {
  const state = `${remote.prefix}state`;
  const isTracked = async (): Promise<boolean> => (await readRef(remote.repository, remote.tracking + state)) !== null;
  if (remote.offline) return isChosen || isTracked();
  try {
    await fetchBranches(remote);
  } catch (error) {
    const isOurs = (await readRef(remote.repository, `refs/heads/${state}`)) !== null;
    if (isChosen || !isOurs || (await isTracked())) throw error;
    return false;
  }
  return isChosen || isTracked();
}
