import type { Oid } from "../../../kernel/oid.ts";
import { msOf, timestamp } from "../../../kernel/time.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Change, GitStore } from "../../../ports/git-store.ts";
import { applyChange } from "../../git/apply.ts";
import { defaultLimits, type Limits } from "../../git/limits.ts";
import { objectDatabase } from "../../git/object-database.ts";
import { branchName } from "../../git/paths.ts";
import { gitStore } from "../../git/store.ts";
import type { StoreParts } from "../../git/store-parts.ts";
import { fetchDifference, fetchPaths, folderOf, withFolders } from "./ahead.ts";
import { openAsker, type StoreClient } from "./asker.ts";
import { forgeBranches } from "./forge-branches.ts";
import { forgeObjects } from "./forge-objects.ts";
import { landChange } from "./land.ts";

/** How a store at GitHub is opened. */
export interface ForgeStoreOptions {
  readonly client: StoreClient;
  readonly clock: Clock;
  /** A number from 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  readonly limits?: Partial<Limits>;
  /** How old, in milliseconds, a tip may be when it is asked for. */
  readonly freshMs?: number;
}

/** As old as a clone's or a mirror's tips may be. */
const FRESH_MS = 2000;

/**
 * Opens the branches of a repository at GitHub without a clone: reads by GraphQL, one request for each call of `read`, writes by
 * `createCommitOnBranch`, or by single objects and a compare-and-swap where that cannot serve. Sends nothing until it is asked.
 */
export function openForgeStore({ client, clock, random, limits, freshMs = FRESH_MS }: ForgeStoreOptions): GitStore {
  const asker = openAsker(client, clock);
  const raw = forgeObjects(asker, clock);
  const objects = objectDatabase(raw, { ...defaultLimits, ...limits });
  const branches = forgeBranches(asker, raw, { clock, freshMs });
  const parts: StoreParts = {
    location: asker.location,
    objects,
    branches,
    clock,
    random,
    async land(branch, head, change, deadline) {
      const landed = await landChange({ asker, raw, objects, clock }, branch, head, change, deadline);
      if (landed !== null && landed !== "lost" && "commit" in landed) branches.moved(branch, landed.commit);
      return landed;
    },
    byTheirClock(at) {
      const behindMs = Math.min(0, asker.now().getTime() - clock.now().getTime());
      return timestamp(new Date(msOf(at) + behindMs));
    },
    close: () => Promise.resolve(),
  };
  const store = gitStore(parts);
  const fetched = async (from: Oid | null, to: Oid, wanted?: (folder: string) => boolean) => {
    const [before, after] = await Promise.all([from === null ? null : objects.commit(from), objects.commit(to)]);
    if (before?.tree !== after.tree) await fetchDifference(objects, before?.tree ?? null, after.tree, wanted);
  };
  return {
    ...store,
    async read(at, paths) {
      await fetchPaths(raw, objects, at, paths);
      return store.read(at, paths);
    },
    async *diff(from: Oid | null, to: Oid, wanted?: (folder: string) => boolean) {
      await fetched(from, to, wanted);
      yield* store.diff(from, to, wanted);
    },
    async diffs(pairs) {
      // What is asked for at one moment goes out in one request.
      await Promise.all(pairs.map(([from, to]) => fetched(from, to)));
      return store.diffs(pairs);
    },
    async apply(branch, change, deadline) {
      const folders = foldersOf(change);
      const known = branches.with(change.onto === undefined ? withFolders(folders) : []);
      const apply = () => applyChange({ ...parts, branches: known }, branchName(branch), change, deadline);
      // A new branch shares its folders with the commit that it starts at; what is not found there is found on the way.
      if (change.onto !== undefined) void fetchPaths(raw, objects, change.onto, folders).catch(() => undefined);
      const applied = await apply();
      if ("commit" in applied || known.wasAsked()) return applied;
      // Only a tip that was just asked for can say that something moved.
      await known.refresh();
      return apply();
    },
  };
}

/** Folders whose trees say what a change depends on and what it replaces. */
function foldersOf({ reads, writes }: Change): readonly string[] {
  return [...new Set([...reads.keys(), ...writes.keys()].map(folderOf))];
}
