import type { ReleaseV1, ValidationCounts } from "../../schema/types.gen.ts";

/** Counts the artifacts of a release by validation status. */
export function validationCounts(release: Pick<ReleaseV1, "artifacts">): ValidationCounts {
  const counts = { pending: 0, passed: 0, failed: 0, warning: 0, skipped: 0 };
  for (const { validation_status } of release.artifacts) counts[validation_status] += 1;
  return counts;
}

/** Tells whether two counts are equal. */
export function isSameCounts(a: ValidationCounts, b: ValidationCounts): boolean {
  return countsText(a) === countsText(b) && a.skipped === b.skipped;
}

/** Says counts in words, `4 passed, 1 warning`; statuses without artifacts are left out. */
export function countsText(counts: ValidationCounts): string {
  const parts = (["failed", "pending", "passed", "warning", "skipped"] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`);
  return parts.length === 0 ? "no artifacts" : parts.join(", ");
}

/** How a channel's policy takes a release: `strict` refuses failed and pending artifacts, `warn` lets them pass with a warning. */
export function judgeValidation(
  policy: "strict" | "warn" | "off",
  counts: ValidationCounts,
): { readonly takes: boolean; readonly warns: boolean; readonly message: string } {
  const bad = counts.failed + counts.pending > 0;
  const message = `${countsText(counts)}; ${policy === "off" ? "not asked" : `${policy} ${policy === "strict" ? "refuses" : "warns of"} failed and pending`}`;
  return { takes: policy !== "strict" || !bad, warns: policy === "warn" && bad, message };
}
