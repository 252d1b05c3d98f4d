import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { sha256Stream } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint, printable, withoutSecret } from "../../kernel/text.ts";
import type { Bundles, MadeBundle } from "../../ports/bundles.ts";
import { onPath } from "../file-errors.ts";
import { makeFolders } from "../make-folders.ts";
import { bundleHeader, splitBundle } from "./bundle-header.ts";
import { holderName, isOfDead } from "./dead-locks.ts";
import { diskErrorIn } from "./disk-errors.ts";
import { type Git, gitOf, runGit, startGit } from "./git-process.ts";
import { type Algorithm, foundCorrupt } from "./objects.ts";
import { remoteError } from "./remote-errors.ts";
import { findRepository, type Repository } from "./repository.ts";
import { isCutShort } from "./shallow.ts";

/** Where bundles are made from and taken to. */
export interface GitBundlesOptions {
  readonly env: ReadonlyMap<string, string>;
  readonly settings?: readonly (readonly [name: string, value: string])[];
  /** The repository on disk, or the address of one: its branches are then fetched for as long as the bundle is made. */
  readonly location: string;
  readonly isAddress: boolean;
  /** The user's private cache, for what is kept aside. */
  readonly cache: string;
}

/** Anything but these would depend on how the repository happens to be packed. */
const SAME_BYTES =
  "--threads=1 --no-reuse-delta --no-reuse-object --delta-base-offset --window=10 --depth=50 --compression=6 --no-use-bitmap-index --no-sparse".split(
    " ",
  );
const SAME_SETTINGS = ["-c", "pack.windowMemory=0", "-c", "pack.island=", "-c", "core.bigFileThreshold=512m"];
/** Refs from which a fetch of an address is packed. */
const FETCHED = "refs/heads/";

/** Longest that git may hold at once of a bundle: documents are far below, and few bytes of a pack can become gigabytes. */
const ALLOC_LIMIT = "64m";

/** Begin of the names of folders in the cache that bundles are made in. */
const ASIDE = "bundle-";
const IMPORTING = "Importing the bundle";
const NAME_REMOTE = "Name the remote itself: --server <address>";

/** Bundles by git itself. */
export function gitBundles(options: GitBundlesOptions): Bundles {
  const git = gitOf(options.env, "git", options.settings);
  return {
    make: (tips) => make(git, options, tips),
    async take(bundle, tips, accept) {
      await take(git, await findRepository(git, options.location), bundle, { tips, accept });
    },
  };
}

async function make(git: Git, on: GitBundlesOptions, tips: ReadonlyMap<string, Oid>): Promise<MadeBundle> {
  await makeFolders(on.cache, 0o700);
  await dropLeft(on.cache);
  const folder = join(on.cache, ASIDE + (await holderName()));
  await onPath(folder, () => mkdir(folder, 0o700));
  const drop = () => rm(folder, { recursive: true, force: true });
  try {
    const from = on.isAddress ? await fetchWhole(git, on.location, tips, folder) : on.location;
    const repository = await findRepository(git, from);
    if (await isCutShort(git, repository, "refs/")) throw cutShort(on.location);
    const path = join(folder, "bundle");
    return { ...(await packInto(git, repository, tips, path)), open: () => createReadStream(path), drop };
  } catch (cause) {
    await drop();
    throw cause;
  }
}

/** Removes what processes kept aside that were killed. */
async function dropLeft(cache: string): Promise<void> {
  for (const name of await onPath(cache, () => readdir(cache)))
    if (name.startsWith(ASIDE) && (await isOfDead(name.slice(ASIDE.length))))
      // The next export tries again.
      await rm(join(cache, name), { recursive: true, force: true }).catch(() => undefined);
}

/** Fetches branches of an address, whole, into a repository that lives as long as the bundle. */
async function fetchWhole(git: Git, url: string, tips: ReadonlyMap<string, Oid>, folder: string): Promise<string> {
  const path = join(folder, "fetched.git");
  const [tip = ""] = tips.values();
  const format = tip.length === 64 ? "sha256" : "sha1";
  const made = await runGit(git, null, ["init", "--bare", "-q", "--template=", `--object-format=${format}`, path]);
  const refspecs = [...tips.keys()].map((name) => `+refs/heads/${name}:${FETCHED}${name}`);
  const asked = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", url, ...refspecs];
  const fetched = made.status === 0 ? await runGit(git, path, asked, "transport") : made;
  if (fetched.status !== 0) throw remoteError(url, fetched.stderr, "Fetching the branches of Waybill");
  return path;
}

async function packInto(git: Git, repository: Repository, tips: ReadonlyMap<string, Oid>, path: string) {
  const digest = sha256Stream();
  let sizeBytes = 0;
  const { status, stderr } = await onPath(path, async () => {
    const file = await open(path, "wx", 0o600);
    try {
      const write = async (bytes: Uint8Array) => {
        digest.update(bytes);
        sizeBytes += bytes.length;
        await file.writeFile(bytes);
      };
      await write(bundleHeader(repository.algorithm, tips));
      // Started when nothing is waited for before its first bytes are: what a process has said that ends unheard is thrown away.
      const child = startPacking(git, repository, tips);
      const ended = endOf(child);
      // It is waited for in its turn; until then an error is nobody's.
      ended.catch(() => undefined);
      for await (const chunk of child.stdout) if (chunk instanceof Uint8Array) await write(chunk);
      return await ended;
    } finally {
      await file.close();
    }
  });
  if (status !== 0) throw notPacked(repository.gitDir, stderr);
  return { sizeBytes, sha256: digest.hex() };
}

function startPacking(git: Git, { gitDir }: Repository, tips: ReadonlyMap<string, Oid>) {
  const args = [...SAME_SETTINGS, "pack-objects", "--stdout", "--revs", "--quiet", ...SAME_BYTES];
  const child = startGit(git, gitDir, args, "reader");
  child.stdin.on("error", () => {});
  child.stdin.end([...tips.values()].map((tip) => `${tip}\n`).join(""));
  return child;
}

async function take(
  git: Git,
  repository: Repository,
  bundle: AsyncIterable<Uint8Array>,
  { tips, accept }: { readonly tips: ReadonlyMap<string, Oid>; readonly accept: () => Promise<void> },
): Promise<void> {
  if (!namedAlike(repository.algorithm, tips)) throw namedOtherwise(repository);
  const { refs, pack } = await splitBundle(bundle, repository.algorithm);
  const wanted = [...tips].map(([name, tip]) => `${tip} refs/heads/${name}`).toSorted(byCodePoint);
  if (wanted.join("\n") !== refs.toSorted(byCodePoint).join("\n"))
    throw unsound("it names other branches than its manifest");
  const bounded: Git = { ...git, env: { ...git.env, GIT_ALLOC_LIMIT: ALLOC_LIMIT } };
  const child = startGit(bounded, repository.gitDir, ["index-pack", "--stdin", "--strict"], "reader");
  const ended = endOf(child);
  // It is waited for in its turn; until then an error is nobody's.
  ended.catch(() => undefined);
  child.stdout.resume();
  let failed: { readonly cause: unknown } | null = null;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* pack;
    } catch (cause) {
      failed = { cause };
      throw cause;
    }
  }
  // A git that ends early says itself why.
  await pipeline(watched(), child.stdin).catch(() => undefined);
  const { status, stderr } = await ended;
  throwFailed(failed);
  if (status === null) throw killed();
  if (status !== 0) throw diskErrorIn(stderr, IMPORTING) ?? unsound("its objects are damaged", stderr);
  const connected = ["rev-list", "--objects", "--quiet", ...tips.values(), "--not", "--all"];
  const whole = await runGit(git, repository.gitDir, connected);
  if (whole.status !== 0) throw unsound("objects of its branches are missing", whole.stderr);
  await accept();
  await makeBranches(git, repository, tips);
}

function throwFailed(failed: { readonly cause: unknown } | null): void {
  if (failed !== null) throw failed.cause;
}

function namedAlike(algorithm: Algorithm, tips: ReadonlyMap<string, Oid>): boolean {
  return [...tips.values()].every((tip) => (tip.length === 64) === (algorithm === "sha256"));
}

/** Makes all branches in one transaction. */
async function makeBranches(git: Git, repository: Repository, tips: ReadonlyMap<string, Oid>): Promise<void> {
  const asked = ["-c", "core.fsync=all", "update-ref", "--stdin"];
  const create = [...tips].map(([name, tip]) => `create refs/heads/${name} ${tip}\n`).join("");
  const { status, stderr } = await runGit(git, repository.gitDir, asked, "reader", create);
  if (status === 0) return;
  const disk = diskErrorIn(stderr, IMPORTING);
  if (disk !== undefined) throw disk;
  throw new ToolError("state.push.conflict", "The branches appeared in the repository while the bundle was imported", {
    data: { output: printable(stderr.trim(), 1000) },
    hints: ["Run the command again: it says whether they are those of the bundle"],
  });
}

function endOf(
  child: ReturnType<typeof startGit>,
): Promise<{ readonly status: number | null; readonly stderr: string }> {
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (stderr.length < 65_536) stderr += chunk.toString("utf8");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stderr }));
  });
}

function cutShort(location: string): ToolError {
  const shown = printable(withoutSecret(location));
  return new ToolError("state.object.missing", `A bundle needs the whole history, and that in ${shown} is cut short`, {
    data: { location: shown },
    hints: ["git fetch --unshallow", NAME_REMOTE],
  });
}

/** What the machine did is not the fault of a bundle. */
function killed(): ToolError {
  return new ToolError("file.unreadable", "Git was killed while it read the bundle, perhaps for want of memory", {
    hints: ["Run the command again; no branch was made"],
  });
}

function namedOtherwise({ gitDir, algorithm }: Repository): ToolError {
  const shown = printable(gitDir);
  const other = algorithm === "sha256" ? "sha1" : "sha256";
  const message = `The objects of the bundle are named by ${other}, those in ${shown} by ${algorithm}`;
  return new ToolError("state.repository.unsupported", message, {
    data: { location: shown, format: algorithm, wanted: other },
    hints: [`git init --bare --object-format=${other} <new folder>, and import into that`],
  });
}

/** Why git packs no history: it is damaged, or the clone is a partial one. */
function notPacked(gitDir: string, stderr: string): ToolError {
  if (/corrupt|inflate/.test(stderr)) return foundCorrupt("The history", stderr);
  const shown = printable(gitDir);
  return new ToolError("state.object.missing", `A bundle needs the whole history, and ${shown} lacks objects of it`, {
    data: { location: shown, output: printable(stderr.trim(), 1000) },
    hints: ["A partial clone gets them by: git fetch --refetch --no-filter origin", NAME_REMOTE],
  });
}

function unsound(why: string, output = ""): ToolError {
  return new ToolError("state.bundle.invalid", `The history in the bundle cannot be used: ${why}`, {
    data: { output: printable(output.trim(), 1000) },
    hints: ["Ask for the bundle again; no branch was made"],
  });
}
