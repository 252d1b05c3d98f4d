import { ToolError } from "../../kernel/errors.ts";
import type { Clock } from "../../ports/clock.ts";

/** Times that a write is sent whose answers are lost, and looks at what became of it after each. */
const MAX_WRITES = 3;
const MAX_LOOKS = 3;
const FIRST_WAIT_MS = 500;

/** Tells whether nobody knows if a write happened: there was no answer, or one of a server that failed. */
export function isUnknown(cause: unknown): boolean {
  return cause instanceof ToolError && (cause.code === "forge.unanswered" || cause.code === "forge.unavailable");
}

/** Writes once; where the answer was lost, finds what was written. Throws what the write threw where it did not happen. */
export async function settled<T>(write: () => Promise<T>, find: () => Promise<T | null>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!isUnknown(cause)) throw cause;
    const found = await find();
    if (found === null) throw cause;
    return found;
  }
}

/**
 * Writes until it is known that it happened. After a lost answer it looks several times, because reads may lag behind, and sends
 * the write again only where nothing was found.
 */
export async function untilKnown<T>(clock: Clock, write: () => Promise<T>, find: () => Promise<T | null>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (cause) {
      if (!isUnknown(cause)) throw cause;
      const found = await lookFor(clock, find);
      if (found !== null) return found;
      if (tries === MAX_WRITES) throw cause;
    }
  }
}

/** Looks several times for what may have been written. */
export async function lookFor<T>(clock: Clock, find: () => Promise<T | null>): Promise<T | null> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    await clock.sleep(FIRST_WAIT_MS * 2 ** look);
    const found = await find();
    if (found !== null) return found;
  }
  return null;
}
