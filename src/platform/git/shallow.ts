import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Clock } from "../../ports/clock.ts";
import { errnoOf, fileError, onPath } from "../file-errors.ts";
import { decodeCommit } from "./commit.ts";
import { type Git, runGit } from "./git-process.ts";
import { COMMIT_BYTES } from "./limits.ts";
import { readMany } from "./read-many.ts";
import type { Repository } from "./repository.ts";

/** Longest that a lock of ours is held; an empty one that is older was left by a process that was killed. */
const HELD_MS = 60_000;
/** Longest that a lock is waited for, and how often it is looked at. */
const WAIT_MS = 75_000;
const POLL_MS = 20;

/**
 * Does a short work while git changes no cuts in a git folder that is ours alone. Git writes into its lock, ours is empty. Throws
 * `file.exists` where git holds it for too long.
 */
export async function withCutsHeld<T>(gitDir: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const lock = join(gitDir, "shallow.lock");
  for (let waitedMs = 0; !(await takeLock(lock, waitedMs >= WAIT_MS)); waitedMs += POLL_MS) {
    const found = await stat(lock).catch(() => null);
    const isLeft = found !== null && found.size === 0 && clock.now().getTime() - found.mtimeMs > HELD_MS;
    if (isLeft) await rm(lock, { force: true });
    else await clock.sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** False where another has it, unless it is the last try. */
async function takeLock(lock: string, isLast: boolean): Promise<boolean> {
  try {
    await writeFile(lock, "", { flag: "wx" });
    return true;
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST" && !isLast) return false;
    throw fileError(cause, lock);
  }
}

/**
 * Tells whether the history of a branch below a prefix is cut short. A clone of depth 1 is shallow as a whole, but branches that
 * were fetched later are complete: what counts is whether a branch of ours holds one of the cuts.
 */
export async function isCutShort(git: Git, repository: Repository, prefix: string): Promise<boolean> {
  const { gitDir } = repository;
  const cuts = await cutsOf(repository);
  if (cuts.length === 0) return false;
  const args = ["for-each-ref", "--count=1", "--format=x", ...cuts.map((cut) => `--contains=${cut}`), prefix];
  const { status, stdout } = await runGit(git, gitDir, args);
  return status !== 0 || stdout.length > 0;
}

/** Commits whose parents are not here: the first ones of a history that is cut short. */
async function cutsOf({ commonDir }: Repository): Promise<readonly Oid[]> {
  const path = join(commonDir, "shallow");
  // No file: nothing is cut. A file that cannot be read says nothing, and must not pass for whole history.
  const text = await onPath(path, () => readFile(path, "latin1")).catch((cause: unknown) => {
    if (cause instanceof ToolError && cause.code === "file.not_found") return "";
    throw cause;
  });
  return text.split("\n").filter(isOid);
}

/** Ids of the commits that a cut hides. */
export async function parentsOfCuts(git: Git, repository: Repository): Promise<ReadonlySet<Oid>> {
  const { commonDir, algorithm } = repository;
  const oids = await cutsOf(repository);
  const parents = new Set<Oid>();
  if (oids.length === 0) return parents;
  const wanted = { oids: [oids], kind: "commit", maxBytes: COMMIT_BYTES } as const;
  for await (const some of readMany(git, join(commonDir, "objects"), algorithm, wanted))
    for (const { oid, bytes } of some) for (const parent of decodeCommit(oid, bytes).parents) parents.add(parent);
  return parents;
}
