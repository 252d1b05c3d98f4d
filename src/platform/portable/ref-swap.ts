import { mkdir, open, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Oid } from "../../kernel/oid.ts";
import { errnoOf, fileError } from "../file-errors.ts";
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
 * held, and a rename; null stands for absent. A crash leaves the old tip or the new one, and maybe the lock, which git leaves as well.
 * Throws `file.no_space`, `file.read_only`, `file.not_permitted`.
 */
export async function swapRef(
  repository: PortableRepository,
  ref: string,
  from: Oid | null,
  to: Oid | null,
): Promise<"swapped" | "lost"> {
  const path = join(repository.commonDir, ref);
  const lock = `${path}.lock`;
  try {
    const file = await createLock(lock);
    if (file === null) return "lost";
    let isHeld = true;
    try {
      if (!(await isAt(repository, ref, from))) return "lost";
      if (to === null) return await remove(repository, ref, from);
      await file.writeFile(`${to}\n`);
      await file.sync();
      await writeReflog(repository, ref, from, to);
      isHeld = !(await takePlace(lock, path));
      if (isHeld) return "lost";
      return "swapped";
    } finally {
      await file.close();
      if (isHeld) await rm(lock, { force: true });
      if (to === null) await removeEmpty(repository.commonDir, ref);
    }
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** Null where somebody else holds the lock, or where a ref lies in the way of the folder. */
async function createLock(lock: string) {
  for (let tries = 1; ; tries += 1) {
    try {
      await mkdir(dirname(lock), { recursive: true });
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
async function takePlace(lock: string, path: string): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await rename(lock, path);
      return true;
    } catch (cause) {
      if (!["EISDIR", "ENOTEMPTY", "EEXIST"].includes(errnoOf(cause))) throw cause;
      if (tries === MAX_TRIES || !(await removeFolders(path))) return false;
    }
  }
}

async function removeFolders(path: string): Promise<boolean> {
  const names = await namesBelow(dirname(path), path.slice(dirname(path).length + 1), 24);
  if (names.length > 0) return false;
  await rm(path, { recursive: true, force: true });
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
