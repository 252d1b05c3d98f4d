import type { Oid } from "../kernel/oid.ts";
import type { GitStore } from "../ports/git-store.ts";

/** Commits from which on reading ahead pays for the processes that it takes. */
const SEVERAL = 64;

/** A first-parent history to be read from its oldest commit on. */
export interface Stretch {
  /** The commit before the first; null for the root. */
  readonly from: Oid | null;
  readonly to: Oid;
  readonly commits: number;
}

/** Does work that reads a history, oldest commit first, with a store that reads ahead where the history is long. */
export async function readAlong<T>(
  store: GitStore,
  { from, to, commits }: Stretch,
  work: (store: GitStore) => Promise<T>,
): Promise<T> {
  const ahead = commits < SEVERAL ? undefined : store.along?.(from, to);
  try {
    return await work(ahead ?? store);
  } finally {
    await ahead?.close();
  }
}
