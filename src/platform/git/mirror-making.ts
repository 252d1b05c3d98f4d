import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { fileError } from "../file-errors.ts";
import { makeFolders } from "../make-folders.ts";
import { carryOver } from "./carry-over.ts";
import { runFetch, WHOLE_ANSWER } from "./fetch.ts";
import { isThere } from "./file-ops.ts";
import { type Git, type GitResult, runGit, withSettings } from "./git-process.ts";
import type { Algorithm } from "./objects.ts";
import type { Line } from "./queue/line.ts";
import { remoteError } from "./remote-errors.ts";

/** Whose mirror it is, and where it lies. */
export interface MirrorPlace {
  /** Git as readers have it. */
  readonly git: Git;
  readonly url: string;
  readonly prefix: string;
  readonly path: string;
  readonly clock: Clock;
  /** Where those who fetch objects into it meet; null where each fetches for itself. */
  readonly line: Line | null;
}

/** What git calls the remote of a mirror. Its address travels in the environment, since it may hold a password. */
export const REMOTE = "waybill";
/** Namespace of what was fetched. */
export const TRACKING = "refs/remotes/origin/";
/** Says that all branches of ours were fetched, and not only that of facts. */
export const ALL_BRANCHES = "waybill-branches";
/** Says that all history was fetched with all documents. */
export const ALL_HISTORY = "waybill-whole";
/** Documents that are always fetched: all. A pack that was filtered by something is a partial clone's, whose check takes no time. */
export const ALL_BLOBS = "--filter=blob:limit=1g";
/** Commits and folders alone. */
export const NO_BLOBS = "--filter=blob:none";

/** Files of an abandoned or replaced mirror are removed after so long. */
const STALE_MS = 3_600_000;

/** Git that knows the remote of a mirror, for pushes. */
export function gitWithRemote(git: Git, url: string): Git {
  return withSettings(git, [[`remote.${REMOTE}.url`, url]]);
}

/**
 * Git that also knows that the remote has promised what is not here, for fetches. Only they are told, and nothing of it stands in
 * the mirror: a reader finds an absent object absent, and fetches nothing behind our back.
 */
export function gitThatFetches(git: Git, url: string): Git {
  return withSettings(gitWithRemote(git, url), [
    [`remote.${REMOTE}.promisor`, "true"],
    [`remote.${REMOTE}.partialclonefilter`, "blob:none"],
    ["protocol.version", "2"],
  ]);
}

/** Refspecs of facts; a pattern, so that a remote without them is no error. */
export function stateRefs(prefix: string): readonly string[] {
  return [`+refs/heads/${prefix}state*:${TRACKING}${prefix}state*`];
}

/** Refspecs of all branches of ours. */
export function allRefs(prefix: string): readonly string[] {
  return [`+refs/heads/${prefix}*:${TRACKING}${prefix}*`];
}

/** Refspecs of decisions, proposals and what else is not facts. */
export function otherRefs(prefix: string): readonly string[] {
  return [...allRefs(prefix), `^refs/heads/${prefix}state*`];
}

/** How much a new mirror is to hold: the newest facts, besides it all decisions, or everything. */
export type Extent = "facts" | "branches" | "everything";

/**
 * Makes a mirror aside, fetched to an extent, and answers its path. It is only ever seen with what the remote has. Throws what
 * `remoteError` knows, and what a disk refuses.
 */
export async function makeAside(place: MirrorPlace, extent: Extent, algorithm: Algorithm = "sha1"): Promise<string> {
  const { git, url, path } = place;
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await makeFolders(dirname(path), 0o700);
    await removeAbandoned(place);
    await initMirror(git, aside, algorithm);
    const failed = await fillMirror(place, aside, extent);
    if (failed === null) return aside;
    await rm(aside, { recursive: true, force: true });
    // The one way to learn by which hash a remote names its objects without a question of its own.
    if (algorithm === "sha1" && /mismatched algorithms/.test(failed.stderr)) return makeAside(place, extent, "sha256");
    throw remoteError(url, failed.stderr, "Fetching the branches of Waybill");
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error instanceof ToolError ? error : fileError(error, path);
  }
}

/** Makes an empty mirror aside, as one that is offline has it. */
export async function makeEmpty({ git, path }: MirrorPlace): Promise<string> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  await makeFolders(dirname(path), 0o700);
  await initMirror(git, aside, "sha1");
  return aside;
}

async function initMirror(git: Git, path: string, algorithm: Algorithm): Promise<void> {
  const settings = ["-c", "init.defaultRefFormat=files"];
  const asked = ["init", "--bare", "--quiet", "--template=", `--object-format=${algorithm}`, "--", path];
  const { status, stderr } = await runGit(git, null, [...settings, ...asked]);
  if (status === 0) return;
  throw new ToolError("file.unreadable", "The mirror of a remote cannot be made", {
    data: { output: stderr.slice(0, 1000) },
  });
}

/** Fetches into a new mirror; null where that went well. */
async function fillMirror(place: MirrorPlace, gitDir: string, extent: Extent): Promise<GitResult | null> {
  const { url, prefix, clock } = place;
  const from = { git: gitThatFetches(place.git, url), gitDir, name: REMOTE, clock };
  if (extent === "everything") {
    const everything = await runFetch(from, { args: [ALL_BLOBS], refs: allRefs(prefix) });
    return everything.status === 0 ? null : everything;
  }
  const facts = await runFetch(from, { args: ["--depth=1", NO_BLOBS], refs: stateRefs(prefix) });
  if (facts.status !== 0) return facts;
  if (extent === "facts") return null;
  const others = await runFetch(from, { settings: WHOLE_ANSWER, args: [ALL_BLOBS], refs: otherRefs(prefix) });
  if (others.status !== 0) return others;
  await writeFile(join(gitDir, ALL_BRANCHES), "");
  return null;
}

/** Puts a mirror that was made aside where there is none; one that came first stays, and the answer is false. */
export async function putInPlace(aside: string, path: string): Promise<boolean> {
  try {
    await rename(aside, path);
    return true;
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!(await isThere(path))) throw fileError(error, path);
    return false;
  }
}

/** Tells one folder from another that takes its place; null where there is none. */
export async function folderAt(path: string): Promise<bigint | null> {
  return stat(path, { bigint: true }).then(
    ({ ino }) => ino,
    () => null,
  );
}

/**
 * Puts a mirror that was made aside in the place of the damaged folder. Objects that somebody wrote just now are carried over, since they
 * may be about to be pushed. False where another process has done so meanwhile: its mirror stays, since others work in it by now.
 */
export async function exchange(
  { git, path, clock }: MirrorPlace,
  aside: string,
  damaged: { readonly folder: bigint | null; readonly object: string | null },
): Promise<boolean> {
  if ((await folderAt(path)) !== damaged.folder && (await holdsAsMuch(path, aside))) {
    await rm(aside, { recursive: true, force: true });
    return false;
  }
  const old = `${path}.${randomBytes(6).toString("hex")}`;
  await rename(path, old).catch(() => {});
  const isFirst = await putInPlace(aside, path);
  const [from, to] = [join(old, "objects"), join(path, "objects")];
  await carryOver(git, { from, to, damaged: damaged.object, now: clock.now() });
  await rm(old, { recursive: true, force: true }).catch(() => {});
  return isFirst;
}

async function holdsAsMuch(path: string, aside: string): Promise<boolean> {
  return (
    (await isThere(path)) && ((await isThere(join(path, ALL_BRANCHES))) || !(await isThere(join(aside, ALL_BRANCHES))))
  );
}

/** Removes what processes that were killed left beside a mirror. */
async function removeAbandoned({ path, clock }: MirrorPlace): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(`${basename(path)}.`))) {
    const left = join(dirname(path), name);
    const found = await stat(left).catch(() => null);
    if (found === null || clock.now().getTime() - found.mtimeMs < STALE_MS) continue;
    await rm(left, { recursive: true, force: true }).catch(() => {});
  }
}

/** Moves the packs of a mirror that was made aside into another; the index last, which makes a pack one. */
export async function adoptPacks(aside: string, path: string): Promise<void> {
  const [from, to] = [join(aside, "objects", "pack"), join(path, "objects", "pack")];
  const names = await readdir(from);
  await makeFolders(to);
  for (const name of names.toSorted((a, b) => Number(a.endsWith(".idx")) - Number(b.endsWith(".idx")))) {
    const now = new Date();
    await utimes(join(from, name), now, now).catch(() => {});
    await rename(join(from, name), join(to, name));
  }
  await rm(aside, { recursive: true, force: true });
}
