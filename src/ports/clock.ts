import type { Act, Actor } from "../kernel/act.ts";

/** Time, and waiting; a test brings its own. */
export interface Clock {
  now(): Date;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Random bytes for secrets; ids come from the act instead. */
export interface Entropy {
  bytes(length: number): Uint8Array;
}

/** Mints the one act of a use case. */
export interface Acts {
  begin(actor: Actor, command: string): Act;
}
