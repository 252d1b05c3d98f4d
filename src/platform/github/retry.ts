import { RequestError } from "octokit";

/** Longest wait for a limit to end; GitHub names a minute or so for secondary limits. */
const MAX_WAIT_MS = 120_000;
const FIRST_WAIT_MS = 500;
/** Least wait for a secondary limit that names no time; it doubles. Source: the page of {@link isLimit}. */
const UNNAMED_WAIT_MS = 60_000;
/** What a connection that never came about ends with: nothing was sent. */
const NOT_SENT = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * Tells whether a request may be sent again: always where it was not carried out, because of a limit or because nothing was sent;
 * after a failure of the server or without an answer only where it changes nothing.
 */
export function isRetryable(cause: unknown, isSafe: boolean): boolean {
  if (wasNotSent(cause)) return true;
  if (!(cause instanceof RequestError)) return isSafe;
  if (isLimit(cause)) return true;
  return isSafe && cause.status >= 500;
}

/** Tells a request that no server answered; the library gives it the status 500. */
export function isUnanswered(cause: unknown): boolean {
  return !(cause instanceof RequestError) || cause.response === undefined;
}

/** Tells a primary or secondary rate limit. Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export function isLimit(cause: RequestError): boolean {
  if (cause.status === 429) return true;
  if (cause.status !== 403) return false;
  const headers = cause.response?.headers ?? {};
  return (
    headers["retry-after"] !== undefined ||
    headers["x-ratelimit-remaining"] === "0" ||
    /secondary rate limit|rate limit exceeded/i.test(cause.message)
  );
}

/** How long to wait, and why; null where the wait would be longer than anyone wants to wait here. */
export function waitOf(cause: unknown, tries: number, now: Date): { readonly ms: number; readonly why: string } | null {
  const doubled = 2 ** (tries - 1);
  if (isUnanswered(cause) || !(cause instanceof RequestError)) return { ms: FIRST_WAIT_MS * doubled, why: "no answer" };
  if (!isLimit(cause)) return { ms: FIRST_WAIT_MS * doubled, why: `HTTP ${cause.status}` };
  const ms = limitMs(cause, now) ?? UNNAMED_WAIT_MS * doubled;
  return ms > MAX_WAIT_MS ? null : { ms, why: "rate limit" };
}

/** Until when a limit holds, in milliseconds from now, where the answer says so. */
export function limitMs(cause: RequestError, now: Date): number | null {
  const headers = cause.response?.headers ?? {};
  const after = Number(headers["retry-after"]);
  if (Number.isFinite(after) && after >= 0) return after * 1000;
  const reset = Number(headers["x-ratelimit-reset"]);
  if (!Number.isFinite(reset) || headers["x-ratelimit-remaining"] !== "0") return null;
  return Math.max(0, reset * 1000 - now.getTime());
}

function wasNotSent(cause: unknown): boolean {
  for (let at = cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if ("code" in at && typeof at.code === "string" && NOT_SENT.has(at.code)) return true;
  return false;
}
