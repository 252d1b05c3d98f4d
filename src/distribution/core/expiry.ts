import { msOf } from "../../kernel/time.ts";
import type { DocumentCheck } from "../../schema/types.gen.ts";

/** Days before the end at which people are warned. */
const WARN_DAYS: readonly number[] = [60, 30, 15, 7, 1];
const DAY_MS = 86_400_000;

/** Smallest of the warning marks that a time has reached: 60, 30, 15, 7 or 1 days before the end, 0 after it; null before all. */
export function expiryMark(expiresAt: string, at: string): number | null {
  const left = msOf(expiresAt) - msOf(at);
  if (Number.isNaN(left)) return null;
  if (left <= 0) return 0;
  return WARN_DAYS.filter((days) => left <= days * DAY_MS).at(-1) ?? null;
}

/** Says that a profile or certificate ends soon, or has ended; null where there is time. */
export function expiryCheck(expiresAt: string | null, at: string): DocumentCheck | null {
  const mark = expiresAt === null ? null : expiryMark(expiresAt, at);
  if (expiresAt === null || mark === null) return null;
  const date = expiresAt.slice(0, 10);
  const days = Math.floor((msOf(expiresAt) - msOf(at)) / DAY_MS);
  const message =
    mark === 0 ? `profile expired ${date}` : `profile expires ${date}, in ${days} ${days === 1 ? "day" : "days"}`;
  return { id: "expiry.profile", status: "warning", message, detail: { expires_at: expiresAt, mark_days: mark } };
}
