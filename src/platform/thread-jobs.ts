import type { Worker } from "node:worker_threads";
import type { Jobs } from "../ports/jobs.ts";

/** What a thread answers, in the order of its jobs; what it could not do is null. */
export interface Answer<A> {
  readonly answer: A | null;
}

/** Does jobs in a thread, one after the other. Where the thread dies, of memory as of anything else, all that it had to do is left undone. */
export function threadJobs<J, A>(start: () => Worker): Jobs<J, A> {
  const waiting: ((answer: A | null) => void)[] = [];
  let worker: Worker | null = null;
  let isOver = false;
  const end = () => {
    isOver = true;
    for (const resolve of waiting.splice(0)) resolve(null);
  };
  const started = (): Worker => {
    const made = start();
    made.on("message", ({ answer }: Answer<A>) => {
      waiting.shift()?.(answer);
      // A program must not live on for a thread that has nothing to do.
      if (waiting.length === 0) made.unref();
    });
    made.on("error", end);
    made.on("exit", end);
    return made;
  };
  return {
    ask(job) {
      if (isOver) return Promise.resolve(null);
      worker ??= started();
      worker.ref();
      worker.postMessage(job);
      return new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      isOver = true;
      await worker?.terminate();
      end();
    },
  };
}
