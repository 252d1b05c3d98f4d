import type { Git } from "./git-process.ts";
import type { Clock } from "../../ports/clock.ts";
import { runFetch } from "./fetch.ts";
import type { Mirror } from "./mirror.ts";
import { remoteError } from "./remote-errors.ts";
import type { Repository } from "./repository.ts";

/** What fetching needs of a remote. */
interface Fetched {
  readonly git: Git;
  readonly repository: Repository;
  readonly name: string;
  readonly url: string;
  readonly tracking: string;
  readonly prefix: string;
  readonly clock: Clock;
  readonly mirror?: Mirror;
}

/**
 * Fetches our branches of a remote into the tracking refs: into a mirror as little as can be, into a clone of the user whole.
 * Throws what {@link remoteError} knows.
 */
export async function fetchBranches(remote: Fetched): Promise<void> {
  if (remote.mirror !== undefined) return remote.mirror.fetch();
  const { git, repository, name, url, tracking, prefix, clock } = remote;
  const refs = [`+refs/heads/${prefix}*:${tracking}${prefix}*`];
  const from = { git, gitDir: repository.gitDir, name, clock };
  const { status, stderr } = await runFetch(from, { args: ["--prune", "--no-filter"], refs });
  if (status !== 0) throw remoteError(url, stderr, "Fetching the branches of Waybill");
}
