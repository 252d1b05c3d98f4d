import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../ports/clock.ts";
import { type Git, type GitResult, runGit } from "./git-process.ts";

/** Where git fetches into, and from. */
export interface Fetching {
  readonly git: Git;
  readonly gitDir: string;
  /** What git is given: the name of a configured remote, or an address. */
  readonly name: string;
  readonly clock: Clock;
}

const FETCH = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="];
/** The server is told nothing of what is here: it sends what was asked for, whole. */
export const WHOLE_ANSWER = ["-c", "fetch.negotiationAlgorithm=noop"] as const;
/** What another fetch in the same repository causes. */
const SHARED = /cannot lock ref|File exists|shallow file has changed/;
/** Fetches that met another one. */
const MAX_FETCHES = 6;
/** Longer than any fetch or push may take. */
const STALE_MS = 900_000;

/** Runs one `git fetch`; one that met another is run again. `input` are refspecs or ids, one a line, for `--stdin`. */
export async function runFetch(
  { git, gitDir, name, clock }: Fetching,
  how: {
    readonly args: readonly string[];
    readonly settings?: readonly string[];
    readonly refs?: readonly string[];
    readonly input?: string;
  },
): Promise<GitResult> {
  const args = [...(how.settings ?? []), ...FETCH, ...how.args, "--", name, ...(how.refs ?? [])];
  for (let tries = 1; ; tries += 1) {
    const result = await runGit(git, gitDir, args, "transport", how.input);
    // To fetch so many commits of no branch at all fails without a word.
    if (result.status === 1 && result.stderr === "") return { ...result, status: 0 };
    if (result.status === 0 || !SHARED.test(result.stderr) || tries === MAX_FETCHES) return result;
    await clock.sleep(5 * 2 ** tries);
  }
}

/** Removes locks of processes that died, and what else a killed git leaves behind, from a git folder that is ours alone. */
export async function removeLeftovers(gitDir: string, now: Date): Promise<void> {
  const below = await readdir(gitDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const left = below.filter((entry) => entry.isFile() && /\.lock$|^tmp_(?:obj|pack|idx|rev)_/.test(entry.name));
  for (const entry of left) {
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => null);
    if (found !== null && now.getTime() - found.mtimeMs > STALE_MS) await rm(path, { force: true }).catch(() => {});
  }
}
