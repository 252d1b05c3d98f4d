import { readdir, rename, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { makeFolders } from "../make-folders.ts";
import { isThere } from "./file-ops.ts";
import { type Git, runGit } from "./git-process.ts";

/** What is older is not about to be pushed any more. */
const RECENT_MS = 3_600_000;

/** Folders of objects of a damaged mirror and of the one in its place. */
export interface Exchanged {
  readonly from: string;
  readonly to: string;
  /** The object that is known to be damaged. */
  readonly damaged: string | null;
  readonly now: Date;
}

/**
 * Moves objects that processes of ours wrote a short while ago out of a damaged mirror into the new one, since they may be about to be
 * pushed: those in files of their own, and packs that were not fetched, where they are sound.
 */
export async function carryOver(git: Git, exchanged: Exchanged): Promise<void> {
  await carryLoose(exchanged);
  await carryPacks(git, exchanged);
}

async function carryLoose({ from, to, damaged, now }: Exchanged): Promise<void> {
  const found = await readdir(from, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of found) {
    const fan = basename(entry.parentPath);
    if (!entry.isFile() || !/^[0-9a-f]{2}$/.test(fan) || !/^[0-9a-f]{38,62}$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (!(await isRecent(path, now)) || fan + entry.name === damaged) continue;
    await makeFolders(join(to, fan)).catch(() => undefined);
    await rename(path, join(to, fan, entry.name)).catch(() => {});
  }
}

async function carryPacks(git: Git, { from, to, now }: Exchanged): Promise<void> {
  const names = await readdir(join(from, "pack")).catch(() => []);
  for (const index of names.filter((name) => /^pack-[0-9a-f]+\.idx$/.test(name))) {
    const name = index.slice(0, -".idx".length);
    const path = join(from, "pack", name);
    // Whatever was fetched is promised by the remote, and comes from there again.
    if ((await isThere(`${path}.promisor`)) || !(await isRecent(`${path}.idx`, now))) continue;
    if ((await runGit(git, null, ["verify-pack", `${path}.idx`])).status !== 0) continue;
    await makeFolders(join(to, "pack")).catch(() => undefined);
    for (const end of ["pack", "idx"])
      await rename(`${path}.${end}`, join(to, "pack", `${name}.${end}`)).catch(() => {});
  }
}

async function isRecent(path: string, now: Date): Promise<boolean> {
  const made = await stat(path).catch(() => null);
  return made !== null && now.getTime() - made.mtimeMs <= RECENT_MS;
}
