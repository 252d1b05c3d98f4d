import type { Symptom } from "./check.ts";

/** Says that something is broken. */
export function fail(message: string, fix: string | null): Symptom {
  return { status: "fail", message, fix };
}

/** Says that something will break, or should be looked at. */
export function warn(message: string, fix: string | null): Symptom {
  return { status: "warn", message, fix };
}

/** Says that something could not be found out. */
export function unknown(message: string, fix: string | null): Symptom {
  return { status: "unknown", message, fix };
}
