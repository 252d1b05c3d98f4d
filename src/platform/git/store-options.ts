import type { Clock } from "../../ports/clock.ts";
import type { FileOps } from "./file-ops.ts";
import type { Limits } from "./limits.ts";

/** How a store on a disk or a remote is opened, whichever driver does it. */
export interface StoreOptions {
  /** Private folder of the user for mirrors of addresses and for queues; needed for an address. */
  readonly cache?: string;
  /** Name of the clone's remote that holds the branches; without it `origin`, if that has a state branch. */
  readonly remote?: string;
  /** Reads what was fetched last; writing is refused. */
  readonly offline?: boolean;
  /** How old, in milliseconds, what was fetched may be when a tip is asked for. */
  readonly freshMs?: number;
  /** Prefix of all branches of ours, `waybill/`. */
  readonly prefix?: string;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly fileOps?: FileOps;
}
