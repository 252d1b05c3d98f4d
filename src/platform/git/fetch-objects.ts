import { isOid, type Oid } from "../../kernel/oid.ts";
import { type Fetching, runFetch, WHOLE_ANSWER } from "./fetch.ts";
import { type Git, runGit } from "./git-process.ts";

/** Objects that one fetch asks for: two megabytes of ids. */
const MOST = 50_000;
/** Objects that a server may not have before all others are given up. */
const MAX_REFUSED = 16;

/**
 * Fetches objects by id, thousands with one question. One that the server does not have is left out and told to `refuse`. Answers what
 * git said where it failed, null where it went well.
 */
export async function fetchObjects(
  from: Fetching,
  oids: readonly Oid[],
  args: readonly string[],
  refuse: (oid: Oid) => void = () => {},
): Promise<string | null> {
  for (let start = 0; start < oids.length; start += MOST) {
    const failed = await fetchTogether(from, new Set(oids.slice(start, start + MOST)), args, refuse);
    if (failed !== null) return failed;
  }
  return null;
}

async function fetchTogether(
  from: Fetching,
  oids: Set<Oid>,
  args: readonly string[],
  refuse: (oid: Oid) => void,
): Promise<string | null> {
  for (let refused = 0; oids.size > 0; refused += 1) {
    const input = [...oids].map((oid) => `${oid}\n`).join("");
    const asked = { settings: WHOLE_ANSWER, args: [...args, "--stdin"], input };
    const { status, stderr } = await runFetch(from, asked);
    if (status === 0) return null;
    const unknown = /not our ref ([0-9a-f]{40,64})/.exec(stderr)?.[1] ?? "";
    if (!isOid(unknown) || !oids.delete(unknown)) return stderr;
    refuse(unknown);
    if (refused === MAX_REFUSED) return null;
  }
  return null;
}

/** Ids of those that a repository does not hold; all of them where git cannot tell. */
export async function absentOf(git: Git, gitDir: string, oids: readonly Oid[]): Promise<readonly Oid[]> {
  if (oids.length === 0) return [];
  const input = oids.map((oid) => `${oid}\n`).join("");
  const asked = ["cat-file", "--batch-check=%(objectname)", "--buffer"];
  const { status, stdout } = await runGit(git, gitDir, asked, "reader", input);
  if (status !== 0) return oids;
  const here = new Set(stdout.toString("latin1").split("\n"));
  return oids.filter((oid) => !here.has(oid));
}

/** Ids of what is not here of the history of some commits, all of which are. */
export async function absentIn(git: Git, gitDir: string, range: readonly string[]): Promise<readonly Oid[]> {
  const asked = ["rev-list", "--objects", "--missing=print", ...range];
  const { stdout } = await runGit(git, gitDir, asked);
  const lines = stdout.toString("latin1").split("\n");
  return lines.flatMap((line) => {
    const oid = line.slice(1);
    return line.startsWith("?") && isOid(oid) ? [oid] : [];
  });
}
