import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { OPERATION } from "./commit.ts";
import type { ObjectDatabase } from "./object-database.ts";

/** Commits that are looked through for operations when nothing is known of the branch yet. */
const LOOK_BACK = 1000;

/** Where operations are looked for. */
export interface Search {
  readonly tip: Oid;
  /** A commit that is known not to follow any of them; null where nothing is known. */
  readonly known: Oid | null;
  /** Time of the act by operation. */
  readonly wanted: ReadonlyMap<string, string>;
  /** Tells whether history may be cut short here. */
  isShallow(): Promise<boolean>;
}

/**
 * Finds the commits of operations on a branch, all in one walk. No commit is dated before its act, nor before its parent, so the walk
 * ends at the first one that is older than every act. An operation lives no longer than the process that minted it, whose clone had
 * the tip before: none of them lies beyond the end of a history that is cut.
 */
export async function findOperations(
  objects: ObjectDatabase,
  { tip, known, wanted, ...branches }: Search,
): Promise<ReadonlyMap<string, Oid>> {
  const found = new Map<string, Oid>();
  const oldest = [...wanted.values()].reduce((a, b) => (b < a ? b : a), "9").slice(0, 19);
  let at: Oid | undefined = tip;
  for (let left = LOOK_BACK; at !== undefined && at !== known; left -= 1) {
    const commit: Commit | null = await commitOrEnd(objects, at, at === tip ? null : branches);
    if (commit === null) break;
    const operation = commit.trailers.get(OPERATION);
    if (operation !== undefined && wanted.has(operation) && !found.has(operation)) found.set(operation, commit.commit);
    if (found.size === wanted.size || commit.at < oldest || (known === null && left === 1)) break;
    at = commit.parents[0];
  }
  return found;
}

/** Null at the end of a history that may be cut short. */
async function commitOrEnd(
  objects: ObjectDatabase,
  oid: Oid,
  branches: Pick<Search, "isShallow"> | null,
): Promise<Commit | null> {
  try {
    return await objects.commit(oid);
  } catch (error) {
    const isMissing = error instanceof ToolError && error.code === "state.object.missing";
    if (isMissing && (await branches?.isShallow()) === true) return null;
    throw error;
  }
}
