import { constants, copyFileSync, linkSync, readFileSync, renameSync, rmSync } from "node:fs";
import { open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import { makeFolders } from "../make-folders.ts";
import { freeDeadLock, holderName } from "../git/dead-locks.ts";
import { readRef } from "../git/ref-files.ts";
import { writeReflog } from "./reflog.ts";
import { namesBelow, packedBelow, packedRefs } from "./refs.ts";
import type { PortableRepository } from "./repository.ts";

/** How long another writer of `packed-refs` is waited for, as git does. Source: core.packedRefsTimeout of git-config(1). */
const PACKED_WAIT_MS = 1000;
const PACKED_POLL_MS = 20;
/** Tries where another process removes empty folders at the same time. */
const MAX_TRIES = 5;

/**
 * Moves a full ref from one tip to another by git's own protocol: a lock file that only one can create, a look at the ref while it is
 * held, and a rename; null stands for absent. A crash leaves the old tip or the new one, and maybe the lock, which the next writer takes away.
 * Throws `file.no_space`, `file.read_only`, `file.not_permitted`.
 */
export async function swapRef(
  repository: PortableRepository,
  ref: string,
  from: Oid | null,
  to: Oid | null,
): Promise<"swapped" | "lost"> {
  const path = join(repository.commonDir, ref);
  try {
    if (to === null) return await dropRef(repository, ref, from);
    if (!(await isAt(repository, ref, from))) return "lost";
    if (!(await setRef(repository, ref, from, to))) {
      await freeDeadLock(repository.commonDir, `${path}.lock`);
      return "lost";
    }
    await writeReflog(repository, ref, from, to);
    return "swapped";
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/**
 * Writes and syncs the new tip aside; then a few calls in a row take the lock, look and rename, so that hardly a moment is left in which
 * a kill could leave the lock.
 */
async function setRef({ commonDir }: PortableRepository, ref: string, from: Oid | null, to: Oid): Promise<boolean> {
  const aside = join(commonDir, await holderName());
  const file = await open(aside, "wx", 0o666);
  try {
    await file.writeFile(`${to}\n`);
    await file.sync();
    const path = join(commonDir, ref);
    for (let tries = 1; ; tries += 1) {
      const done = takeWith(aside, path, () => tipNow(commonDir, ref) === from);
      if (typeof done === "boolean") return done;
      if (tries === MAX_TRIES) throw done;
      if (errnoOf(done) === "ENOENT") await makeFolders(dirname(path));
      else if (!(await removeFolders(path))) return false;
    }
  } catch (cause) {
    // A ref lies where the folder of this one would be.
    if (["ENOTDIR", "EEXIST", "ENOTEMPTY"].includes(errnoOf(cause))) return false;
    throw cause;
  } finally {
    await file.close();
    await rm(aside, { force: true });
  }
}

/** Under the lock: true where the ref was moved, false where another writer was there, else what has to be put right before the next try. */
function takeWith(aside: string, path: string, isExpected: () => boolean): unknown {
  const lock = `${path}.lock`;
  try {
    lockWith(aside, lock);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === "EEXIST" || errno === "ENOTDIR") return false;
    if (errno === "ENOENT") return cause;
    throw cause;
  }
  try {
    if (isExpected()) {
      renameSync(lock, path);
      return true;
    }
    rmSync(lock, { force: true });
    return false;
  } catch (cause) {
    rmSync(lock, { force: true });
    if (["EISDIR", "ENOTEMPTY", "EEXIST"].includes(errnoOf(cause))) return cause;
    throw cause;
  }
}

/** Makes the lock, with the new tip in it; one that is there stays. A disk without links gets a copy. */
function lockWith(aside: string, lock: string): void {
  try {
    linkSync(aside, lock);
  } catch (cause) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "ENOSYS"].includes(errnoOf(cause))) throw cause;
    copyFileSync(aside, lock, constants.COPYFILE_EXCL);
  }
}

/** Tip of a ref without a turn for anybody else; undefined where it has none that is an id. */
function tipNow(commonDir: string, ref: string): Oid | null | undefined {
  const loose = textNow(join(commonDir, ref));
  if (loose === null) return packedBelow(textNow(join(commonDir, "packed-refs")) ?? "", ref).get(ref) ?? null;
  const tip = loose.trimEnd();
  return isOid(tip) ? tip : undefined;
}

function textNow(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(errnoOf(cause))) return null;
    throw cause;
  }
}

/** Removes a ref under its lock. */
async function dropRef(repository: PortableRepository, ref: string, from: Oid | null): Promise<"swapped" | "lost"> {
  const lock = join(repository.commonDir, `${ref}.lock`);
  const file = await createLock(lock);
  if (file === null) return "lost";
  try {
    return (await isAt(repository, ref, from)) ? await remove(repository, ref, from) : "lost";
  } finally {
    await file.close();
    await rm(lock, { force: true });
    await removeEmpty(repository.commonDir, ref);
  }
}

/** Null where somebody else holds the lock, or where a ref lies in the way of the folder. */
async function createLock(lock: string) {
  for (let tries = 1; ; tries += 1) {
    try {
      await makeFolders(dirname(lock));
      return await open(lock, "wx", 0o666);
    } catch (cause) {
      const errno = errnoOf(cause);
      if (errno === "EEXIST" || errno === "ENOTDIR") return null;
      if (errno !== "ENOENT" || tries === MAX_TRIES) throw cause;
    }
  }
}

/** A new ref may be neither a folder of others nor below another: git has no place for both. */
async function isAt(repository: PortableRepository, ref: string, from: Oid | null): Promise<boolean> {
  if ((await readRef(repository, ref)) !== from) return false;
  if (from !== null) return true;
  const packed = packedBelow(await packedRefs(repository.commonDir), "refs/");
  if ([...packed.keys()].some((name) => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`))) return false;
  return (await namesBelow(repository.commonDir, ref, 24)).length === 0;
}

/** A folder that refs have left behind makes room. False where another writer has just put one there. */
async function removeFolders(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true });
  // A ref, or a lock of one that is being made.
  if (entries.some((entry) => !entry.isDirectory())) return false;
  for (const { name } of entries) if (!(await removeFolders(join(path, name)))) return false;
  await rmdir(path);
  return true;
}

/** The packed line goes first: were the file to go first, a crash would bring back an old tip. */
async function remove(repository: PortableRepository, ref: string, from: Oid | null): Promise<"swapped" | "lost"> {
  if (from === null) return "swapped";
  const { commonDir } = repository;
  if (packedBelow(await packedRefs(commonDir), ref).has(ref) && !(await unpack(commonDir, ref))) return "lost";
  await rm(join(commonDir, ref), { force: true });
  await rm(join(commonDir, "logs", ref), { force: true });
  return "swapped";
}

/** Takes a ref out of `packed-refs`, with what git knows of a tag on the line behind it. */
async function unpack(commonDir: string, ref: string): Promise<boolean> {
  const path = join(commonDir, "packed-refs");
  const file = await lockPacked(`${path}.lock`);
  if (file === null) return false;
  try {
    const lines = (await packedRefs(commonDir)).split(/(?<=\n)/);
    const at = lines.findIndex((line) => line.trimEnd().slice(41) === ref);
    if (at >= 0) lines.splice(at, lines[at + 1]?.startsWith("^") === true ? 2 : 1);
    await file.writeFile(lines.join(""), "latin1");
    await file.sync();
    await rename(`${path}.lock`, path);
    return true;
  } catch (cause) {
    await rm(`${path}.lock`, { force: true });
    throw cause;
  } finally {
    await file.close();
  }
}

async function lockPacked(lock: string) {
  for (let waited = 0; ; waited += PACKED_POLL_MS) {
    try {
      return await open(lock, "wx", 0o666);
    } catch (cause) {
      if (errnoOf(cause) !== "EEXIST") throw cause;
      if (waited >= PACKED_WAIT_MS) return null;
      await setTimeout(PACKED_POLL_MS);
    }
  }
}

/** Folders of a ref that is gone go with it, as far as they are empty; those that git itself keeps stay. */
async function removeEmpty(commonDir: string, ref: string): Promise<void> {
  for (const place of [commonDir, join(commonDir, "logs")]) {
    for (let folder = dirname(ref); folder.split("/").length > 2; folder = dirname(folder)) {
      const isGone = await rmdir(join(place, folder)).then(
        () => true,
        () => false,
      );
      if (!isGone) break;
    }
  }
}
