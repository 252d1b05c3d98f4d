import type { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Applied, Change } from "../../ports/git-store.ts";
import type { ObjectDatabase } from "./object-database.ts";

/** A change that somebody waits for. */
export interface Wish {
  readonly change: Change;
  readonly deadline: Date;
  /** Tells whether the deadline has come, by the clock or by the time that has passed, whichever says so first. */
  isLate(): boolean;
}

/** What came of a wish: an answer, or why there is none. */
export type Outcome = Applied | { readonly failure: Error };

/** Puts wishes on a branch, each as one commit and all by one move where that can be; answers in their order, and never throws. */
export type Land = (branch: string, wishes: readonly Wish[]) => Promise<readonly Outcome[]>;

/** Writers that wait for one another instead of racing. */
export interface Queue {
  /** Has a wish landed, here or by another writer; null where it cannot be queued and is to be landed without. */
  apply(branch: string, wish: Wish, land: Land): Promise<Outcome | null>;
}

/**
 * What came of a swap. `lost`: the branch is elsewhere. `unanswered`: it may or may not have happened, and the caller looks
 * at the branch to find out.
 */
export type Swap = "swapped" | "lost" | { readonly unanswered: ToolError };

/** A change that landed, or why it did not. */
export type Landed = { readonly commit: Oid } | Exclude<Swap, "swapped">;

/** The branches of a repository, here or on a remote, with a true compare-and-swap. */
export interface Branches {
  /** Tip as far as it is known here. */
  tip(branch: string): Promise<Oid | null>;
  /** Branches below a prefix as far as they are known here. */
  list(prefix: string): Promise<ReadonlyMap<string, Oid>>;
  /** Fetches where the branches are elsewhere and what is known here is old, of one of them or of all. */
  freshen(branch?: string): Promise<void>;
  /** Hears that a change of ours is on a branch, by whoever put it there. */
  landed(branch: string): void;
  /** Fetches where the branches are elsewhere. */
  refresh(): Promise<void>;
  /** Moves a branch from one tip to another, with all commits between them; null stands for a branch that does not exist. */
  swap(branch: string, from: Oid | null, to: Oid | null): Promise<Swap>;
  /** Where writers queue up, because that is faster than racing; null where it is not. */
  readonly queue: Queue | null;
  /** What to do about a branch that nobody can move. */
  lockHint(branch: string): Promise<readonly string[]>;
  isShallow(): Promise<boolean>;
  close(): Promise<void>;
}

/** What a git store is made of. */
export interface StoreParts {
  readonly location: string;
  readonly objects: ObjectDatabase;
  readonly branches: Branches;
  /**
   * Puts a change whose reads hold on a branch at its tip in one step, where the place of the branches can; null where it takes
   * objects and a swap.
   */
  land?(branch: string, head: Oid, change: Change, deadline: Date): Promise<Landed | null>;
  /** Where others date commits: a time that is not after a time of ours by their clock. */
  byTheirClock?(at: string): string;
  readonly clock: Clock;
  /** A number from 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  close(): Promise<void>;
}
