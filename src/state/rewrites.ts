import { ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import type { GitStore } from "../ports/git-store.ts";

/** A commit of facts and its count. */
export interface Tip {
  readonly commit: Oid;
  readonly seq: number;
}

/** A jump of the facts that a decision in force allows: the history up to `old` gave way to the one up to `new`. */
export interface Rewrite {
  readonly old: Tip;
  readonly new: Tip;
}

/** Asks the effective view for the jumps that it allows, in order of merge; asked only where a tip does not follow the remembered one. */
export type Rewrites = () => Promise<readonly Rewrite[]>;

/** Jumps that are allowed. Decisions that cannot be read, or that went back themselves, allow none. */
export async function allowedBy(rewrites: Rewrites | undefined): ReturnType<Rewrites> {
  try {
    return (await rewrites?.()) ?? [];
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
    return [];
  }
}

/**
 * The commit of today's history that a remembered tip stands for: each jump is taken from its old history only, so that nobody jumps
 * back. Null where no jump begins on the history of the tip.
 */
export async function afterRewrites(store: GitStore, from: Tip, rewrites: readonly Rewrite[]): Promise<Tip | null> {
  let at: Tip | null = null;
  for (const rewrite of rewrites) if (await isBefore(store, at ?? from, rewrite.old)) at = rewrite.new;
  return at;
}

/**
 * Tells whether a tip lies on the history up to another. Where that history is gone from here, as it is meant to be after a rewrite,
 * its count answers: a rewrite keeps the count, so what is remembered of the new history has a higher one than the old had.
 */
async function isBefore(store: GitStore, tip: Tip, old: Tip): Promise<boolean> {
  if (tip.seq > old.seq) return false;
  if (tip.commit === old.commit) return true;
  try {
    for await (const commit of store.log(null, old.commit)) {
      if (commit.commit === tip.commit) return true;
      if (Number(commit.trailers.get("Waybill-Seq") ?? Number.NaN) < tip.seq) return false;
    }
    return false;
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "state.object.missing") return true;
    throw cause;
  }
}
