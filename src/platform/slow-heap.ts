import { setFlagsFromString } from "node:v8";

/** By how much the old generation may grow between two collections. */
const GROWTH_PERCENT = 60;

/**
 * Keeps memory of a long run within a bound that does not depend on the machine: V8 else lets it grow by what it measures of its own
 * speed, to 1.6 times of what lives as a rule, and to 2.7 times now and then. An engine that does not know the flag goes on as before.
 * Source: `MemoryController::GrowingFactor` in V8's `src/heap/memory-controller.cc`.
 */
export function growSlowly(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
