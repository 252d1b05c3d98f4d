import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { lstat, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { errnoOf } from "../file-errors.ts";
import { type Processes, systemProcesses } from "./queue/processes.ts";

const NAME = /^tmp_waybill_([0-9a-f]{16})_([0-9]{1,10})_([0-9]{1,15})_[A-Za-z0-9_-]{12}$/;

let machine: string | undefined;

/** Processes can be asked for by number only where the numbers mean the same: one host, one start of it, one space of numbers. */
function machineName(): string {
  machine ??= createHash("sha256")
    .update(JSON.stringify([hostname(), textAt("/proc/sys/kernel/random/boot_id"), linkAt("/proc/self/ns/pid")]))
    .digest("hex")
    .slice(0, 16);
  return machine;
}

/** Name of a file in the git folder that a lock is then a second name of, or of a folder for a while: it says who holds it. */
export async function holderName(processes: Processes = systemProcesses): Promise<string> {
  const { pid, born } = await processes.self();
  return `tmp_waybill_${machineName()}_${pid}_${Math.max(0, born)}_${randomBytes(9).toString("base64url")}`;
}

/** Tells whether a dead process of this machine made a {@link holderName}. */
export async function isOfDead(name: string, processes: Processes = systemProcesses): Promise<boolean> {
  const [, on, pid, born] = NAME.exec(name) ?? [];
  return on === machineName() && !(await processes.isAlive({ pid: Number(pid), born: Number(born) }));
}

/**
 * Takes away a lock that a dead process of this machine holds by {@link holderName}. Whoever renames the holder's file has it: nobody
 * else may remove the lock that is the same file, so two who come at once do no harm, nor does one who dies in between. A lock of git
 * itself has no such file, and stays.
 */
export async function freeDeadLock(
  commonDir: string,
  lock: string,
  processes: Processes = systemProcesses,
): Promise<void> {
  if ((await fileAt(lock)) === null) return;
  for (const name of await readdir(commonDir)) {
    if (!(await isOfDead(name, processes))) continue;
    const mine = join(commonDir, await holderName(processes));
    if (!(await takes(join(commonDir, name), mine))) continue;
    if ((await fileAt(mine)) === (await fileAt(lock))) await rm(lock, { force: true });
    await rm(mine, { force: true });
  }
}

async function takes(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return false;
    throw cause;
  }
}

/** Tells a file from others, whatever its name; null where there is none. */
async function fileAt(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await lstat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (cause) {
    // Where a ref lies in the way of its folder, there is no lock either.
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(cause))) return null;
    throw cause;
  }
}

function textAt(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
