import type { Log, Task } from "../src/ports/log.ts";

/** Commits from which on a walk is long enough that its memory must not grow with the speed of the machine. */
const LONG = 10_000;

/** Progress of a walk whose length is known when it begins to move. */
export function walkProgress(
  log: Log,
  growSlowly: () => void,
): {
  readonly step: (done: number, total: number) => void;
  readonly end: () => void;
} {
  // Finding the length of a long history takes its time too.
  let task: Task = log.task("Looking for commits", null);
  let known: number | null = null;
  return {
    step(done, total) {
      if (known !== total) {
        task.end();
        task = log.task("Verifying commits", total);
        known = total;
      }
      task.step(done);
      if (done === LONG) growSlowly();
    },
    end: () => task.end(),
  };
}
