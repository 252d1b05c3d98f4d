import type { MessagePort } from "node:worker_threads";
import { failure, type Message } from "./messages.ts";
import { readOnce, type Job } from "./read-once.ts";

/** Progress is said in steps of this many bytes, since every message costs both threads. */
const STEP_BYTES = 8 << 20;

/** Takes in files that a port names, one after the other; the other side is {@link workerIntake}. */
export function serveIntake(port: MessagePort): void {
  const say = (message: Message) => port.postMessage(message);
  port.on("message", (job: Job) => {
    let saidBytes = 0;
    const onBytes = (doneBytes: number) => {
      if (doneBytes - saidBytes < STEP_BYTES) return;
      saidBytes = doneBytes;
      say({ kind: "progress", doneBytes });
    };
    readOnce(job, onBytes).then(
      (taken) => say({ kind: "taken", taken }),
      (cause: unknown) => say(failure(cause)),
    );
  });
}
