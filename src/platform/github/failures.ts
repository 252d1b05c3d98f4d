import { RequestError } from "octokit";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { timestamp } from "../../kernel/time.ts";
import type { GithubAt } from "./client.ts";
import { type ForgeCode, forgeError } from "./forge-error.ts";
import { isLimit, isUnanswered, limitMs } from "./retry.ts";

/** Longest text of an answer that is kept. */
const MESSAGE_LENGTH = 300;

/** Turns what a request ended with into one of our errors; `data.status` is GitHub's status, null where it did not answer. */
export function failureOf(
  cause: unknown,
  asked: { readonly method: string; readonly url: string },
  at: GithubAt,
  now: Date,
): ToolError {
  if (cause instanceof ToolError) return cause;
  // Where the library made the address from a template, only its own error names the finished one.
  const url = cause instanceof RequestError ? cause.request.url : asked.url;
  const request = printable(`${asked.method} ${pathOf(url, at)}`);
  // What the library throws of itself, without an answer, has a status of its own making.
  if (!(cause instanceof RequestError) || isUnanswered(cause)) {
    return forgeError("forge.unanswered", `${at.apiUrl} did not answer ${request}`, {
      data: { request, status: null },
      cause,
    });
  }
  const code = codeOf(cause);
  const message = printable(cause.message, MESSAGE_LENGTH);
  const waitMs = code === "forge.rate_limited" ? limitMs(cause, now) : null;
  const until = waitMs === null ? {} : { retry_at: timestamp(new Date(now.getTime() + waitMs)) };
  return forgeError(code, `GitHub answered ${cause.status} to ${request}: ${message}`, {
    data: { request, status: cause.status, message, reasons: reasonsOf(cause), ...until },
    cause,
  });
}

/** Texts of the rows of a 422, as GitHub sends them: a text, or `code` and `field`. */
function reasonsOf(cause: RequestError): readonly string[] {
  const data: unknown = cause.response?.data;
  if (typeof data !== "object" || data === null || !("errors" in data) || !Array.isArray(data.errors)) return [];
  return data.errors.slice(0, 10).map((row: unknown) => printable(rowText(row), MESSAGE_LENGTH));
}

function rowText(row: unknown): string {
  if (typeof row === "string") return row;
  if (typeof row !== "object" || row === null) return "";
  const parts = ["code", "field", "message"].map((name): unknown => Reflect.get(row, name));
  return parts.filter((part) => typeof part === "string").join(" ");
}

function codeOf(cause: RequestError): ForgeCode {
  if (isLimit(cause)) return "forge.rate_limited";
  if (cause.status >= 500) return "forge.unavailable";
  return CODES.get(cause.status) ?? "forge.refused";
}

const CODES = new Map<number, ForgeCode>([
  [401, "forge.unauthorised"],
  [403, "forge.forbidden"],
  [404, "forge.not_found"],
  [405, "forge.conflict"],
  [409, "forge.conflict"],
]);

/** A request's path without host and query, which may name what is nobody's business. */
function pathOf(url: string, { apiUrl }: GithubAt): string {
  return (url.startsWith(apiUrl) ? url.slice(apiUrl.length) : url).replace(/\?.*$/, "");
}
