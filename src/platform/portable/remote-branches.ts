import { ToolError } from "../../kernel/errors.ts";
import { freshness } from "../git/freshness.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FileOps } from "../git/file-ops.ts";
import type { ObjectDatabase } from "../git/object-database.ts";
import { pushResult } from "../git/push-result.ts";
import { readRef } from "../git/ref-files.ts";
import type { Branches, Queue } from "../git/store-parts.ts";
import type { Addressed } from "./headers.ts";
import { namesOf } from "./local-branches.ts";
import { newObjects } from "./new-objects.ts";
import { swapRef } from "./ref-swap.ts";
import { refsBelow } from "./refs.ts";
import type { PortableRepository } from "./repository.ts";
import { isCutShort } from "./shallow.ts";
import { fetchPack, listBranches, pushPack } from "./smart-http.ts";
import { type PackLimits, takePack } from "./take-pack.ts";

/** A remote as seen from a clone or mirror of it. */
export interface PortableRemote {
  readonly repository: PortableRepository;
  readonly objects: ObjectDatabase;
  readonly fileOps: FileOps;
  /** Where branches are read, and where they are pushed to. */
  readonly from: Addressed;
  readonly to: Addressed;
  /** Namespace of what was fetched, `refs/remotes/origin/`. */
  readonly tracking: string;
  readonly prefix: string;
  readonly offline: boolean;
  readonly freshMs: number;
  readonly packLimits: PackLimits;
  readonly queue: Queue | null;
  readonly clock: Clock;
}

const DOING = "Fetching the branches of Waybill";
/** Fetches that met another one in the same repository. */
const MAX_FETCHES = 4;

/** Fetches our branches of a remote into the tracking refs, with all of their history. */
export async function fetchBranches(remote: PortableRemote): Promise<void> {
  for (let tries = 1; tries <= MAX_FETCHES; tries += 1) if (await fetchOnce(remote)) return;
}

/** False where another process moved a tracking ref meanwhile. */
async function fetchOnce({
  repository,
  objects,
  from,
  tracking,
  prefix,
  fileOps,
  packLimits,
}: PortableRemote): Promise<boolean> {
  const before = namesOf(await refsBelow(repository, tracking + prefix), tracking);
  const listed = await listBranches(from, prefix, DOING);
  const here = new Set(before.values());
  const wants = [...new Set(listed.values())].filter((oid) => !here.has(oid));
  if (wants.length > 0) {
    // A server would leave out what stood before a cut, which it takes us to have.
    const haves = (await isCutShort(objects, repository, tracking + prefix)) ? [] : [...here];
    const chunks = await fetchPack(from, { wants, haves }, DOING);
    await takePack(repository.commonDir, fileOps, chunks, packLimits);
  }
  let isAlone = true;
  for (const branch of new Set([...before.keys(), ...listed.keys()])) {
    const [was, is] = [before.get(branch) ?? null, listed.get(branch) ?? null];
    if (was !== is && (await swapRef(repository, tracking + branch, was, is)) === "lost") isAlone = false;
  }
  return isAlone;
}

/** Branches that lie on a remote: tips are what was fetched, a move is one push that names the tip it expects. */
export function portableRemoteBranches(remote: PortableRemote, fetchedAt: number): Branches {
  const { repository, objects, tracking } = remote;
  return {
    tip: (branch) => readRef(repository, tracking + branch),
    list: async (below) => namesOf(await refsBelow(repository, tracking + below), tracking),
    ...freshness(remote, fetchedAt, () => fetchBranches(remote)),
    async swap(branch, from, to) {
      if (remote.offline) throw offlineWrite(remote.to);
      const swap = await push(remote, branch, from, to);
      if (swap === "swapped") await track(repository, tracking + branch, to);
      return swap;
    },
    queue: remote.queue,
    lockHint: async () => [`If nobody else writes, look for a stale lock of the branch on ${printable(remote.to.url)}`],
    isShallow: () => isCutShort(objects, repository, tracking + remote.prefix),
    close: () => Promise.resolve(),
  };
}

async function push(
  { repository, objects, tracking, prefix, to: at }: PortableRemote,
  branch: string,
  from: Oid | null,
  to: Oid | null,
) {
  const theirs = (await refsBelow(repository, tracking + prefix)).values();
  const lacking = to === null ? [] : await newObjects(objects, theirs, to);
  const ref = `refs/heads/${branch}`;
  return pushResult(await pushPack(at, repository.commonDir, { ref, from, to, objects: lacking }), ref, at.url);
}

/** Remembers where a push left a branch. The remote is the truth, so a failure here is made good by the next fetch. */
async function track(repository: PortableRepository, ref: string, to: Oid | null): Promise<void> {
  try {
    const known = await readRef(repository, ref);
    if (known !== to) await swapRef(repository, ref, known, to);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
}

function offlineWrite({ url }: Addressed): ToolError {
  return new ToolError("state.push.network", `${printable(url)} was opened offline, so nothing can be written`, {
    data: { remote: printable(url) },
    hints: ["Run the command again without --offline"],
  });
}
