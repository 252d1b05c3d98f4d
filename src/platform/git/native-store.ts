import { ToolError } from "../../kernel/errors.ts";
import { printable, withoutSecret } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Log } from "../../ports/log.ts";
import { diskOps } from "./file-ops.ts";
import { type Git, gitOf, runGit } from "./git-process.ts";
import { defaultLimits } from "./limits.ts";
import { localBranches } from "./local-branches.ts";
import { isAddress } from "./mirror-address.ts";
import type { Mirror } from "./mirror.ts";
import { nativeObjects } from "./native-objects.ts";
import { objectDatabase } from "./object-database.ts";
import type { QueueSettings } from "./queue/line.ts";
import { mayBePartial } from "./partial-clone.ts";
import { RefUpdater } from "./ref-updater.ts";
import { findRepository, type Repository } from "./repository.ts";
import { gitStore } from "./store.ts";
import type { Promised } from "./promised-objects.ts";
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

/** What a store was opened on. */
export interface Opened {
  readonly repository: Repository;
  readonly mirror: Mirror | undefined;
  readonly refs: RefUpdater;
  readonly prefix: string;
  readonly clock: Clock;
}

const PREFIX = "waybill/";

/**
 * Opens a repository through git itself. A bare repository, and a clone whose remote has no state branch, are used in place; else
 * the branches are those of the remote, fetched here and moved by pushes. Throws `state.repository.missing`, `.unsafe`,
 * `.unsupported`, and `state.push.network` or `.unauthorised` where a remote cannot be asked.
 */
export async function openNativeStore(options: NativeStoreOptions): Promise<GitStore> {
  const git = gitOf(options.env, "git", options.settings);
  const clock = options.clock ?? systemClock;
  const prefix = options.prefix ?? PREFIX;
  const isRemote = isAddress(options.location);
  const mirror = isRemote ? await (await remotely()).openMirror(git, prefix, clock, options) : undefined;
  const repository = mirror?.repository ?? options.repository ?? (await findRepository(git, options.location));
  const open = () => nativeObjects(git, repository, options.fileOps ?? diskOps);
  const openRaw = mirror === undefined ? open : await (await remotely()).startedAhead(open, repository, prefix);
  const promised = mirror ?? (await promisedTo(git, repository, prefix, clock));
  const isSupplied = promised !== null && options.offline !== true;
  const raw = isSupplied ? (await import("./absent-objects.ts")).suppliedObjects(openRaw, promised) : openRaw();
  const refs = new RefUpdater(git, repository.gitDir, repository.algorithm);
  const opening = openBranches(git, { repository, mirror, refs, prefix, clock }, options);
  const branches = await opening.catch(async (error) => {
    await raw.close();
    throw error;
  });
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

/** Where branches lie elsewhere; a repository that is used in place needs none of it. */
function remotely() {
  return import("./native-remote.ts");
}

async function promisedTo(git: Git, repository: Repository, prefix: string, clock: Clock): Promise<Promised | null> {
  if (!(await mayBePartial(repository))) return null;
  return (await import("./promised-objects.ts")).promisedObjects(git, repository, prefix, clock);
}

async function openBranches(git: Git, at: Opened, options: NativeStoreOptions): Promise<Branches> {
  const { repository, refs, prefix } = at;
  const name = isAddress(options.location) ? options.location : await remoteName(git, repository, options.remote);
  const theirs = name === null ? null : await (await remotely()).openRemoteBranches(git, name, at, options);
  return theirs ?? localBranches(git, repository, refs, prefix);
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
