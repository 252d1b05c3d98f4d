import type { Data } from "../kernel/json.ts";

/** Outcome of looking at one aspect of a file. */
export interface Check {
  /** `<format>.<aspect>`, for example `apk.v2.digest`. */
  readonly id: string;
  readonly status: "passed" | "warning" | "failed" | "skipped";
  readonly message: string;
  readonly detail: Data;
}

/** What the bytes of a file say; facts are read, never taken from a manifest. */
export interface Inspection {
  /** `apk`, `ipa`, `zip`, `tar_gz`, … or `opaque`. */
  readonly kind: string;
  readonly inspector_version: number;
  readonly facts: Data;
  readonly checks: readonly Check[];
}

/** Validation status of an artifact row. */
export type ValidationStatus = "pending" | "passed" | "failed" | "warning" | "skipped";

/** The worst check wins; `skipped` only when nothing could be checked. */
export function validationStatus(checks: readonly Pick<Check, "status">[]): ValidationStatus {
  for (const status of ["failed", "warning", "passed"] as const) {
    if (checks.some((check) => check.status === status)) return status;
  }
  return "skipped";
}
