import { ToolError } from "../../kernel/errors.ts";
import { freshness } from "./freshness.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable, withoutSecret } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import { fetchBranches } from "./fetch-branches.ts";
import { type Git, type GitResult, runGit } from "./git-process.ts";
import type { Mirror } from "./mirror.ts";
import { pushResult } from "./push-result.ts";
import { listRefs, readRef } from "./ref-files.ts";
import type { RefUpdater } from "./ref-updater.ts";
import type { Repository } from "./repository.ts";
import { isCutShort } from "./shallow.ts";
import type { Branches, Queue } from "./store-parts.ts";

/** A remote as seen from a clone or mirror of it. */
export interface Remote {
  readonly git: Git;
  readonly repository: Repository;
  readonly refs: RefUpdater;
  /** What git is given: the name of a configured remote, or an address. */
  readonly name: string;
  readonly url: string;
  /** Namespace of what was fetched, `refs/remotes/origin/`. */
  readonly tracking: string;
  /** Prefix of our branches; no other branch and no tag is ever fetched. */
  readonly prefix: string;
  /** Reads what was fetched last and writes nothing. */
  readonly offline: boolean;
  /** How old what was fetched may be when a tip is asked for. */
  readonly freshMs: number;
  /** Where writers of this user queue up; null where they do not. */
  readonly queue: Queue | null;
  readonly clock: Clock;
  /** The mirror in which it lies, where it is one of ours. */
  readonly mirror?: Mirror;
}

const PUSH = ["push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no"];

/** Branches that lie on a remote: tips are what was fetched, a move is one push with a lease. */
export function remoteBranches(remote: Remote, fetchedAt: number): Branches {
  const { git, repository, refs, tracking } = remote;
  return {
    async tip(branch) {
      await mirrorOf(remote)?.need(branch);
      return readRef(repository, tracking + branch);
    },
    async list(below) {
      await mirrorOf(remote)?.need(below);
      const found = await listRefs(git, repository, tracking + below);
      return new Map([...found].map(([name, tip]) => [below + name, tip]));
    },
    ...freshness(remote, fetchedAt, () => fetchBranches(remote)),
    async swap(branch, from, to) {
      if (remote.offline) throw offlineWrite(remote);
      const ref = `refs/heads/${branch}`;
      const pushing = push(remote, ref, from, to);
      refs.begin();
      const swap = pushResult(await pushing, ref, remote.url);
      if (swap === "swapped") await track(refs, repository, tracking + branch, to);
      return swap;
    },
    queue: remote.offline ? null : remote.queue,
    close: () => refs.close(),
    lockHint: async () => [
      `If nobody else writes, look for a stale lock of the branch on ${printable(withoutSecret(remote.url))}`,
    ],
    async isShallow() {
      await mirrorOf(remote)?.fetchHistory();
      return isCutShort(git, repository, tracking + remote.prefix);
    },
  };
}

/** The mirror that more can be fetched into. */
function mirrorOf({ mirror, offline }: Remote): Mirror | undefined {
  return offline ? undefined : mirror;
}

function push({ git, repository, name }: Remote, ref: string, from: Oid | null, to: Oid | null): Promise<GitResult> {
  const lease = `--force-with-lease=${ref}:${from ?? ""}`;
  return runGit(git, repository.gitDir, [...PUSH, lease, "--", name, `${to ?? ""}:${ref}`], "transport");
}

/** Remembers where a push left a branch. The remote is the truth, so a failure here is made good by the next fetch. */
async function track(refs: RefUpdater, repository: Repository, ref: string, to: Oid | null): Promise<void> {
  try {
    const known = await readRef(repository, ref);
    if (known !== to) await refs.swap(ref, known, to);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
}

function offlineWrite({ url }: Remote): ToolError {
  return new ToolError(
    "state.push.network",
    `${printable(withoutSecret(url))} was opened offline, so nothing can be written`,
    {
      data: { remote: printable(withoutSecret(url)) },
      hints: ["Run the command again without --offline"],
    },
  );
}
