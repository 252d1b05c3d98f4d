import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { fetchBranches } from "./fetch-branches.ts";
import { type Git, runGit } from "./git-process.ts";
import { atMost, COMMIT_BYTES } from "./limits.ts";
import { addressKey } from "./mirror-address.ts";
import { gitWithRemote, REMOTE, TRACKING } from "./mirror-making.ts";
import { Mirror } from "./mirror.ts";
import { fetchersLine, nativeQueue } from "./native-queue.ts";
import type { NativeStoreOptions, Opened } from "./native-store.ts";
import type { RawObjects } from "./raw-objects.ts";
import { readRef } from "./ref-files.ts";
import { type Remote, remoteBranches } from "./remote-branches.ts";
import type { Repository } from "./repository.ts";
import type { Branches } from "./store-parts.ts";

const FRESH_MS = 2000;

/** Opens the mirror of an address in this user's cache folder; makes it where there is none. */
export function openMirror(git: Git, prefix: string, clock: Clock, options: NativeStoreOptions): Promise<Mirror> {
  const { location: url, cache, offline = false } = options;
  if (cache === undefined) throw new ToolError("internal.bug", "An address needs a cache folder for its mirror");
  const path = join(cache, "mirrors", `${addressKey(url)}.git`);
  const line = fetchersLine(git, url, { ...options, clock });
  return Mirror.open({ git, url, prefix, path, clock, line }, offline, options.log);
}

/** Lets git start to read a mirror while its remote is still asked; what is damaged is said when it is wanted. */
export async function startedAhead(
  open: () => RawObjects,
  repository: Repository,
  prefix: string,
): Promise<() => RawObjects> {
  const tip = await readRef(repository, `${TRACKING}${prefix}state`).catch(() => null);
  return () => {
    const raw = open();
    if (tip !== null) raw.read(tip, "commit", atMost(`Commit ${tip}`, COMMIT_BYTES)).catch(() => {});
    return raw;
  };
}

/** Opens the branches of a remote by its name, or by the address of a mirror; null where those of the repository itself are used. */
export async function openRemoteBranches(
  git: Git,
  name: string,
  { repository, mirror, refs, prefix, clock }: Opened,
  options: NativeStoreOptions,
): Promise<Branches | null> {
  // The remote is asked for longer than it takes to load what writes.
  if (options.offline !== true) import("./apply.ts").catch(() => {});
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
  return (await isTheirs(remote, isChosen)) ? remoteBranches(remote, begun) : null;
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
