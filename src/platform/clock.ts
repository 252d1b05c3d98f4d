import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../ports/clock.ts";

/** The clock of this machine. A wait that is called off ends at once, without an error. */
export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, signal === undefined ? undefined : { signal });
    } catch (cause) {
      if (signal?.aborted !== true) throw cause;
    }
  },
};
