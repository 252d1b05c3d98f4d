import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Supplier } from "./absent-objects.ts";
import { absentIn, absentOf, fetchObjects } from "./fetch-objects.ts";
import { type Git, runGit } from "./git-process.ts";
import { NO_BLOBS } from "./mirror-making.ts";
import { remoteError } from "./remote-errors.ts";
import type { Repository } from "./repository.ts";

/** Fetches of what folders name that were fetched before: folders, and then documents. */
const ROUNDS = 4;

/** What a partial clone was promised. */
export interface Promised extends Supplier {
  /** Fetches all that is absent of the history of our branches, as far as that is here. */
  fetchAll(): Promise<void>;
}

/**
 * What the remote of a partial clone of the user has promised; null where nothing is. Git would fetch each object by itself when it is
 * read; here those that are read together come together. Commits that a shallow clone cuts off stay away.
 */
export async function promisedObjects(
  git: Git,
  repository: Repository,
  prefix: string,
  clock: Clock,
): Promise<Promised | null> {
  const name = await promisor(git, repository);
  if (name === null) return null;
  const { gitDir } = repository;
  const refused = new Set<Oid>();
  const fetch = async (oids: readonly Oid[]) => {
    const refuse = (oid: Oid) => void refused.add(oid);
    const stderr = await fetchObjects({ git, gitDir, name, clock }, oids, [NO_BLOBS], refuse);
    if (stderr !== null) throw remoteError(name, stderr, "Fetching what a partial clone lacks");
  };
  return {
    async supply(orders) {
      const wanted = [...orders].filter(([, kind]) => kind !== "commit").map(([oid]) => oid);
      if (wanted.length > 0) await fetch(wanted);
    },
    absentOf: (oids) => absentOf(git, gitDir, oids),
    heal: () => Promise.resolve(false),
    notHad(error, oid) {
      if (!refused.has(oid)) return error;
      return new ToolError(error.code, `The remote ${printable(name)} does not hand out the object ${oid}`, {
        data: { object: oid },
        hints: ["Run git fsck in the remote repository"],
        cause: error,
      });
    },
    async fetchAll() {
      const branches = [`--glob=refs/heads/${prefix}*`, `--glob=refs/remotes/*/${prefix}*`];
      for (let round = 0; round < ROUNDS; round += 1) {
        const absent = (await absentIn(git, gitDir, branches)).filter((oid) => !refused.has(oid));
        if (absent.length === 0) return;
        await fetch(absent);
      }
    },
  };
}

/** The remote that promised objects; null in a clone that is not partial. */
async function promisor(git: Git, { gitDir }: Repository): Promise<string | null> {
  const asked = ["config", "--null", "--name-only", "--get-regexp", String.raw`^remote\..*\.promisor$`];
  const { stdout } = await runGit(git, gitDir, asked);
  return /^remote\.([^\0]+)\.promisor\0/.exec(stdout.toString("utf8"))?.[1] ?? null;
}
