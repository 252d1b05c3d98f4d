import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ToolError } from "../../kernel/errors.ts";
import { printable, withoutSecret } from "../../kernel/text.ts";
import type { GitStore } from "../../ports/git-store.ts";
import { systemClock } from "../clock.ts";
import { diskOps } from "../git/file-ops.ts";
import { defaultLimits } from "../git/limits.ts";
import { addressKey, isAddress } from "../git/mirror-address.ts";
import { objectDatabase } from "../git/object-database.ts";
import { openQueue, queueFolder } from "../git/queue/queue.ts";
import { readRef } from "../git/ref-files.ts";
import { gitStore } from "../git/store.ts";
import type { StoreOptions } from "../git/store-options.ts";
import type { Branches } from "../git/store-parts.ts";
import { lastOf, type Settings } from "./config.ts";
import { addressed } from "./headers.ts";
import { portableBranches } from "./local-branches.ts";
import { makeMirror } from "./make-repository.ts";
import { portableObjects } from "./objects.ts";
import { fetchBranches, type PortableRemote, portableRemoteBranches } from "./remote-branches.ts";
import { findRepository, type PortableRepository } from "./repository.ts";
import type { PackLimits } from "./take-pack.ts";
import { unsupported } from "./unsupported.ts";

/** How a portable store is opened; as a native one is, where they have the same options. */
export interface PortableStoreOptions extends StoreOptions {
  /** Path of a bare repository or of a clone, or address of a remote: `https://`, or `file://`, which is used in place. */
  readonly location: string;
  /** Tells where the user's settings of git lie. */
  readonly env: ReadonlyMap<string, string>;
  /** Headers for a remote, in the form of git's settings: `http.<url>.extraHeader`. */
  readonly settings?: Settings;
  /** What is taken from a server at once. */
  readonly packLimits?: PackLimits;
}

const FRESH_MS = 2000;
const PREFIX = "waybill/";
/** What is stored in good time, measured: see .github/decisions/0023-the-portable-driver.md. */
const PACK_LIMITS: PackLimits = { packBytes: 256 * 1024 * 1024, objects: 1_000_000 };

/**
 * Opens a repository without git. Which branches a clone means is decided as by the native driver; a remote on this disk is used in
 * place. Throws `state.repository.missing`, `.unsafe`, `.unsupported`, `.too_large`, and `state.push.network` or `.unauthorised` where a
 * remote cannot be asked.
 */
export async function openPortableStore(options: PortableStoreOptions): Promise<GitStore> {
  const { location, env } = options;
  if (!isAddress(location)) return openAt(await findRepository(location, env), options);
  const url = httpOrPath(location);
  if (url.path !== null) return openAt(await findRepository(url.path, env), options);
  if (options.cache === undefined)
    throw new ToolError("internal.bug", "An address needs a cache folder for its mirror");
  const path = join(options.cache, "mirrors", `${addressKey(location)}.portable.git`);
  await makeMirror(path);
  return opened(await findRepository(path, env), options, { name: "origin", url: location, isChosen: true });
}

/** Address that can be asked, or path of a remote on this disk. */
function httpOrPath(address: string): { readonly path: string | null } {
  if (/^https?:\/\//.test(address)) return { path: null };
  if (address.startsWith("file://")) return { path: fileURLToPath(address) };
  if (isAbsolute(address)) return { path: address };
  throw unsupported(withoutSecret(address), "only https reaches it", "Use its https address, or install git");
}

/** A bare repository, and a clone whose remote has no state branch, are used in place. */
async function openAt(repository: PortableRepository, options: PortableStoreOptions): Promise<GitStore> {
  const name = remoteName(repository, options.remote);
  const url = name === null ? undefined : lastOf(repository.own, `remote.${name}.url`);
  if (name === null || url === undefined) return opened(repository, options, null);
  const isChosen = options.remote !== undefined;
  const { path } = httpOrPath(isAddress(url) || isAbsolute(url) ? url : join(repository.commonDir, "..", url));
  if (path === null) return opened(repository, options, { name, url, isChosen });
  const there = await findRepository(path, options.env);
  const isTheirs = isChosen || (await readRef(there, `refs/heads/${options.prefix ?? PREFIX}state`)) !== null;
  return opened(isTheirs ? there : repository, options, null);
}

/** The remote that was asked for, else the clone's `origin`; a bare repository has one only when it is asked for. */
function remoteName({ own, isBare }: PortableRepository, wanted: string | undefined): string | null {
  const has = (name: string) => lastOf(own, `remote.${name}.url`) !== undefined;
  if (wanted === undefined) return !isBare && has("origin") ? "origin" : null;
  if (wanted !== "" && has(wanted)) return wanted;
  throw new ToolError("usage.invalid_argument", `The clone has no remote ${printable(wanted)}`, {
    data: { remote: printable(wanted) },
    hints: ["Its .git/config lists them"],
  });
}

interface RemoteAt {
  readonly name: string;
  readonly url: string;
  readonly isChosen: boolean;
}

async function opened(
  repository: PortableRepository,
  options: PortableStoreOptions,
  at: RemoteAt | null,
): Promise<GitStore> {
  const fileOps = options.fileOps ?? diskOps;
  const raw = portableObjects(repository.commonDir, fileOps);
  const objects = objectDatabase(raw, { ...defaultLimits, ...options.limits });
  const clock = options.clock ?? systemClock;
  const prefix = options.prefix ?? PREFIX;
  const local = () => portableBranches(repository, objects, prefix);
  const branches =
    at === null ? local() : ((await theirs({ repository, objects, fileOps, clock, prefix }, options, at)) ?? local());
  return gitStore({
    location: withoutSecret(options.location),
    objects,
    branches,
    clock,
    random: options.random ?? Math.random,
    async close() {
      await Promise.all([raw.close(), branches.close()]);
    },
  });
}

/** What a remote is made of besides its options. */
type RemoteParts = Pick<PortableRemote, "repository" | "objects" | "fileOps" | "clock" | "prefix">;

/**
 * Fetches, and answers the branches where they are the remote's: always where it was chosen, else where it has a state branch. A remote
 * that cannot be asked does not lock people out of a state that has only ever been in this clone.
 */
async function theirs(parts: RemoteParts, options: PortableStoreOptions, at: RemoteAt): Promise<Branches | null> {
  const { repository, clock, prefix } = parts;
  const remote = remoteOf(parts, options, at);
  const isTracked = async () => (await readRef(repository, `${remote.tracking}${prefix}state`)) !== null;
  const begun = clock.now().getTime();
  try {
    if (!remote.offline) await fetchBranches(remote);
  } catch (error) {
    const isOurs = (await readRef(repository, `refs/heads/${prefix}state`)) !== null;
    if (at.isChosen || !isOurs || (await isTracked())) throw error;
    return null;
  }
  return at.isChosen || (await isTracked()) ? portableRemoteBranches(remote, begun) : null;
}

function remoteOf(parts: RemoteParts, options: PortableStoreOptions, { name, url }: RemoteAt): PortableRemote {
  const { repository, clock } = parts;
  const { cache, offline = false, freshMs = FRESH_MS, packLimits = PACK_LIMITS } = options;
  const settings = [...repository.settings, ...(options.settings ?? [])];
  const pushUrl = lastOf(repository.own, `remote.${name}.pushurl`) ?? url;
  if (httpOrPath(pushUrl).path !== null)
    throw unsupported(withoutSecret(pushUrl), "it is read by https and written by path", "Set one address for both");
  const to = addressed(pushUrl, settings);
  // Everything by which two writers may differ for the remote.
  const asks = [pushUrl, repository.commonDir, JSON.stringify(to.headers)];
  const queue = cache === undefined || offline ? null : openQueue({ folder: queueFolder(cache, asks), clock });
  const tracking = `refs/remotes/${name}/`;
  return { ...parts, from: addressed(url, settings), to, tracking, offline, freshMs, packLimits, queue };
}
