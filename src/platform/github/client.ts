import { Octokit, RequestError } from "octokit";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import { failureOf } from "./failures.ts";
import { isRetryable, waitOf } from "./retry.ts";

/** Tries of one request, the first included. */
const MAX_TRIES = 5;

/** A repository of GitHub, and where its API is. */
export interface GithubAt {
  readonly owner: string;
  readonly repo: string;
  /** For example `https://api.github.com` or `https://ghe.acme.example/api/v3`, without a slash at the end. */
  readonly apiUrl: string;
  /** For example `https://github.com`. */
  readonly serverUrl: string;
}

/** What a client is made of. */
export interface GithubSettings {
  readonly at: GithubAt;
  /** Null reads what is public. */
  readonly token: string | null;
  readonly clock: Clock;
  /** Told of each wait, for people. */
  readonly onWait?: (ms: number, why: string) => void;
}

/** GitHub's API for one repository: retries where that is safe, and typed errors. */
export interface GithubClient {
  readonly at: GithubAt;
  readonly token: string | null;
  /** Sends one request of the REST API. Throws `forge.*`; a {@link ToolError} whose `data.status` tells the status. */
  readonly request: Octokit["request"];
  /** All pages of a list. */
  readonly paginate: Octokit["paginate"];
  /** Sends a query or mutation; variables only, never interpolated text. Answers `data`; throws `forge.*`. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** GitHub's own time, as its last answer said; null before the first. */
  now(): Date | null;
  /** Requests sent so far, retries included. */
  sent(): number;
}

/** Opens GitHub's API; nothing is sent yet. */
export function githubClient(settings: GithubSettings): GithubClient {
  const { at, clock } = settings;
  let now: Date | null = null;
  let sent = 0;
  const octokit = new Octokit({
    baseUrl: at.apiUrl,
    userAgent: "waybill",
    ...(settings.token === null ? {} : { auth: settings.token }),
    // Our own policy below knows which requests may be repeated.
    retry: { enabled: false },
    throttle: { enabled: false },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  octokit.hook.wrap("request", async (request, options) => {
    const isSafe = options.method === "GET" || options.method === "HEAD" || isQuery(options);
    for (let tries = 1; ; tries += 1) {
      try {
        sent += 1;
        const answer = await request(options);
        now = dateOf(answer.headers.date) ?? now;
        return answer;
      } catch (cause) {
        if (cause instanceof RequestError) now = dateOf(cause.response?.headers.date) ?? now;
        const wait = tries < MAX_TRIES && isRetryable(cause, isSafe) ? waitOf(cause, tries, clock.now()) : null;
        if (wait === null) throw failureOf(cause, options, at);
        settings.onWait?.(wait.ms, wait.why);
        await clock.sleep(wait.ms);
      }
    }
  });
  return {
    at,
    token: settings.token,
    request: octokit.request,
    paginate: octokit.paginate,
    graphql: (query, variables) => graphql(octokit, at, query, variables),
    now: () => now,
    sent: () => sent,
  };
}

/** GitHub Enterprise Server serves GraphQL beside `/api/v3`, not below it. */
async function graphql(
  octokit: Octokit,
  at: GithubAt,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const url = `${at.apiUrl.replace(/\/v3$/, "")}/graphql`;
  const { data: answer }: { data: unknown } = await octokit.request({ method: "POST", url, query, variables });
  const [data, errors] = isRecord(answer) ? [answer["data"], answer["errors"]] : [undefined, undefined];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (first === undefined) return data;
  const type = isRecord(first) && typeof first["type"] === "string" ? first["type"] : "UNKNOWN";
  const message = printable(isRecord(first) ? String(first["message"]) : "", 300);
  const code = type === "NOT_FOUND" ? "forge.not_found" : type === "STALE_DATA" ? "forge.conflict" : "forge.refused";
  throw new ToolError(code, `GitHub answered ${type} to a GraphQL request: ${message}`, { data: { type, message } });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** A GraphQL query changes nothing, although it is sent with POST. */
function isQuery(options: { readonly url: string; readonly query?: unknown }): boolean {
  return options.url.endsWith("/graphql") && typeof options.query === "string" && /^\s*query\b/.test(options.query);
}

function dateOf(header: string | undefined): Date | null {
  const ms = Date.parse(header ?? "");
  return Number.isNaN(ms) ? null : new Date(ms);
}

/** The status of a failure of GitHub; null where it did not answer. */
export function statusOf(failure: unknown): number | null {
  const status = failure instanceof ToolError ? failure.data["status"] : undefined;
  return typeof status === "number" ? status : null;
}
