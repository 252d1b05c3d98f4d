import { Worker } from "node:worker_threads";
import type { PartJob } from "../../src/state/verify/parts-ahead.ts";

/** The repository of a helper, and how it is reached. */
export interface HelperAt {
  readonly location: string;
  readonly env: readonly (readonly [string, string])[];
  /** Holds the mirrors of addresses, which are not fetched again. */
  readonly cache: string;
}

/** A part of the history of a repository. */
export type HelperJob = PartJob & { readonly at: HelperAt };

/** What passes through is dead at once, so the heap is kept small; where it needs more, the walk goes on without it. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 24 };

/** Starts the thread that walks parts of a long history. Its address is a literal, because that is what the bundler recognises. */
export function startVerifyWorker(): Worker {
  return new Worker(new URL("./verify.js", import.meta.url), { resourceLimits: LIMITS, env: {} });
}
