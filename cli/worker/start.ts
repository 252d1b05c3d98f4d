import { Worker } from "node:worker_threads";
import { INTAKE_LIMITS } from "../../src/platform/intake/worker-intake.ts";

/**
 * Starts the worker that reads and inspects files. The address is a literal that ends in `.js`, because that is what the bundler
 * recognises; in sources there is no such file, so tests in process use the in-process intake.
 */
export function startInspectWorker(): Worker {
  const limits = {
    maxOldGenerationSizeMb: INTAKE_LIMITS.heapMb,
    maxYoungGenerationSizeMb: INTAKE_LIMITS.youngHeapMb,
  };
  return new Worker(new URL("./inspect.js", import.meta.url), { resourceLimits: limits, env: {} });
}
