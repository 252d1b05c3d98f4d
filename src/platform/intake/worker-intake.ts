import type { Worker } from "node:worker_threads";
import type { Check, Inspection } from "../../inspect/inspection.ts";
import type { Intake, Taken } from "../../ports/intake.ts";
import { disk, newStaged, removeFile } from "../disk.ts";
import { errnoOf } from "../file-errors.ts";
import { unpacked, type Message } from "./messages.ts";
import type { Job } from "./read-once.ts";

/**
 * Heap of the worker and time for one file; beyond them the file counts as hostile. What passes through is dead at once, so the young
 * heap is kept small: Node 24 would else let 30 MB more of it gather (measured on 1 GiB out of a gzip stream).
 */
export const INTAKE_LIMITS = { heapMb: 512, youngHeapMb: 2, wallClockMs: 5 * 60_000 } as const;

/**
 * Takes files in, one at a time, in a worker that may die: of memory, or ended after five minutes. Then the inspection has failed with
 * `inspect.limit.memory`, `.time` or `.crash`, and digest and copy are made again without looking at the content.
 * @param start makes a worker that runs `serveIntake`; it lives in the program, because the bundler must see its address
 */
export function workerIntake(start: () => Worker, wallClockMs: number = INTAKE_LIMITS.wallClockMs): Intake {
  let running: Worker | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  const started = (): Worker => {
    const worker = start();
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      if (running === worker) running = null;
    });
    return worker;
  };
  const take = async (path: string, staging: string | null, onBytes: (doneBytes: number) => void): Promise<Taken> => {
    const attempt = async (uninspected: Inspection | null, limitMs: number | null): Promise<Taken | Death> => {
      running ??= started();
      const job: Job = { path, stagedPath: newStaged(staging), uninspected };
      const answer = await runJob(running, job, limitMs, onBytes);
      if (!("died" in answer)) return answer;
      running = null;
      if (job.stagedPath !== null) await removeFile(disk, job.stagedPath);
      return answer;
    };
    const first = await attempt(null, wallClockMs);
    if (!("died" in first)) return first;
    const second = await attempt(failed(first.died), null);
    if ("died" in second) throw second.cause;
    return second;
  };
  return {
    take: (path, staging, onBytes) => {
      const turn = queue.then(() => take(path, staging, onBytes));
      queue = turn.catch(() => undefined);
      return turn;
    },
    close: async () => {
      await queue;
      await running?.terminate();
      running = null;
    },
  };
}

interface Death {
  readonly died: "memory" | "time" | "crash";
  readonly cause: Error;
}

/** Hands one file to the worker and waits for its answer, its death or the end of its time. */
async function runJob(
  worker: Worker,
  job: Job,
  limitMs: number | null,
  onBytes: (doneBytes: number) => void,
): Promise<Taken | Death> {
  let timer: NodeJS.Timeout | undefined;
  let tookTooLong = false;
  const listeners = new AbortController();
  try {
    return await new Promise<Taken | Death>((resolve, reject) => {
      const onMessage = (message: Message) => {
        if (message.kind === "progress") onBytes(message.doneBytes);
        else if (message.kind === "taken") resolve(message.taken);
        else reject(unpacked(message));
      };
      const onError = (cause: Error) =>
        resolve({ died: errnoOf(cause) === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "crash", cause });
      const onExit = (code: number) =>
        resolve({ died: tookTooLong ? "time" : "crash", cause: new Error(`The worker ended with ${code}`) });
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      listeners.signal.addEventListener("abort", () => {
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      });
      if (limitMs !== null) {
        timer = setTimeout(() => {
          tookTooLong = true;
          void worker.terminate();
        }, limitMs);
      }
      // The program must not end while a file is read, nor live on for an idle worker.
      worker.ref();
      worker.postMessage(job);
    });
  } finally {
    worker.unref();
    clearTimeout(timer);
    listeners.abort();
  }
}

const WHY: Readonly<Record<Death["died"], string>> = {
  memory: `more than ${INTAKE_LIMITS.heapMb} MB of memory`,
  time: `more than ${INTAKE_LIMITS.wallClockMs / 60_000} minutes`,
  crash: "a crash of the reader",
};

function failed(died: Death["died"]): Inspection {
  const check: Check = {
    id: `limit.${died}`,
    status: "failed",
    message: `Inspecting the file took ${WHY[died]}, so its content counts as hostile`,
    detail: { code: `inspect.limit.${died}` },
  };
  return { kind: "opaque", inspector_version: 1, facts: {}, checks: [check] };
}
