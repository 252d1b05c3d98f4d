import { RequestError } from "octokit";

/** Longest wait for a limit to end; GitHub names a minute or so for secondary limits. */
const MAX_WAIT_MS = 120_000;
const FIRST_WAIT_MS = 500;

/** Tells whether a request may be sent again: a limit was not carried out; anything else only where it changes nothing. */
export function isRetryable(cause: unknown, isSafe: boolean): boolean {
  if (!(cause instanceof RequestError)) return isSafe;
  if (isLimit(cause)) return true;
  return isSafe && cause.status >= 500;
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
  const backoff = FIRST_WAIT_MS * 2 ** (tries - 1);
  if (!(cause instanceof RequestError)) return { ms: backoff, why: "no answer" };
  if (!isLimit(cause)) return { ms: backoff, why: `HTTP ${cause.status}` };
  const headers = cause.response?.headers ?? {};
  const after = Number(headers["retry-after"]);
  const reset = Number(headers["x-ratelimit-reset"]);
  const ms = Number.isFinite(after)
    ? after * 1000
    : Number.isFinite(reset) && headers["x-ratelimit-remaining"] === "0"
      ? Math.max(0, reset * 1000 - now.getTime())
      : 60_000;
  return ms > MAX_WAIT_MS ? null : { ms, why: "rate limit" };
}
