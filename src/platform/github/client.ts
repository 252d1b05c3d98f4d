import { Octokit, RequestError } from "octokit";
import { ToolError } from "../../kernel/errors.ts";
import { isData } from "../../kernel/json.ts";
import { printable } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import { failureOf } from "./failures.ts";
import { type ForgeCode, forgeError } from "./forge-error.ts";
import { expectOrigin, expectUploadsHost, safeUrl } from "./hosts.ts";
import { isRetryable, waitOf } from "./retry.ts";
import { fetchElsewhere } from "./fetch-elsewhere.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import { type FileToSend, sendFile } from "./upload.ts";

/** Tries of one request, the first included. */
const MAX_TRIES = 5;
const USER_AGENT = "waybill";

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
  /** Accepts plain http to other machines, so that the token travels readably. */
  readonly insecure?: boolean;
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
  /**
   * Uploads a file to an address that a release named, on GitHub's host for uploads only, and answers the JSON it said. Throws `forge.*`, and
   * `dist.upload.verify_failed` where the bytes are not those that were hashed.
   */
  upload(url: string, file: FileToSend): Promise<unknown>;
  /** Streams from an address that GitHub named, without the token, where that address is safe to ask. Answers null where nothing is there. */
  fetchElsewhere(url: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** GitHub's own time, as its last answer said; null before the first. */
  now(): Date | null;
  /** Requests sent so far, retries included. */
  sent(): number;
}

/** Opens GitHub's API; nothing is sent yet. Throws `forge.insecure`. */
export function githubClient(settings: GithubSettings): GithubClient {
  const { at, token } = settings;
  const insecure = settings.insecure ?? false;
  const { origin } = safeUrl(at.apiUrl, insecure);
  const seen: Seen = { now: null, sent: 0 };
  const octokit = new Octokit({
    baseUrl: at.apiUrl,
    userAgent: USER_AGENT,
    ...(token === null ? {} : { auth: token }),
    // Our own policy below knows which requests may be repeated.
    retry: { enabled: false },
    throttle: { enabled: false },
    request: { fetch: guardedFetch(origin) },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  octokit.hook.wrap("request", (request, options) => {
    // A page of a list names the next page by its whole address.
    expectOrigin(new URL(options.url, `${at.apiUrl}/`), origin);
    const isSafe = options.method === "GET" || options.method === "HEAD" || isQuery(options);
    return persistent(settings, seen, { method: options.method, url: options.url, isSafe }, async () => {
      const answer = await request(options);
      seen.now = dateOf(answer.headers.date) ?? seen.now;
      return answer;
    });
  });
  return {
    at,
    token,
    request: octokit.request,
    paginate: octokit.paginate,
    graphql: (query, variables) => graphql(octokit, at, query, variables),
    async upload(text, file) {
      const url = safeUrl(text, insecure);
      expectUploadsHost(url, at.apiUrl);
      const asked = { method: "POST", url: text, isSafe: false };
      return persistent(settings, seen, asked, () => sendFile(url, { token, userAgent: USER_AGENT }, file));
    },
    fetchElsewhere: (text) =>
      persistent(settings, seen, { method: "GET", url: text, isSafe: true }, () => fetchElsewhere(text, insecure)),
    now: () => seen.now,
    sent: () => seen.sent,
  };
}

interface Seen {
  now: Date | null;
  sent: number;
}

/** Sends one request until it is answered, as far as it may be repeated. */
async function persistent<T>(
  { at, clock, onWait }: GithubSettings,
  seen: Seen,
  asked: { readonly method: string; readonly url: string; readonly isSafe: boolean },
  send: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      seen.sent += 1;
      return await send();
    } catch (cause) {
      if (cause instanceof ToolError) throw cause;
      // What our own fetch refused; octokit wraps it.
      if (cause instanceof RequestError && cause.cause instanceof ToolError) throw cause.cause;
      if (cause instanceof RequestError) seen.now = dateOf(cause.response?.headers.date) ?? seen.now;
      const wait = tries < MAX_TRIES && isRetryable(cause, asked.isSafe) ? waitOf(cause, tries, clock.now()) : null;
      if (wait === null) throw failureOf(cause, asked, at, clock.now());
      onWait?.(wait.ms, wait.why);
      await clock.sleep(wait.ms);
    }
  }
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
  const [data, errors] = isData(answer) ? [answer["data"], answer["errors"]] : [undefined, undefined];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (first === undefined) return data;
  const told = isData(first) ? first : {};
  const type = typeof told["type"] === "string" ? told["type"] : "UNKNOWN";
  const message = printable(typeof told["message"] === "string" ? told["message"] : "", 300);
  throw forgeError(graphqlCode(type, first), `GitHub answered ${type} to a GraphQL request: ${message}`, {
    data: { type, message },
  });
}

const GRAPHQL_CODES = new Map<string, ForgeCode>([
  ["NOT_FOUND", "forge.not_found"],
  ["STALE_DATA", "forge.conflict"],
  ["RATE_LIMITED", "forge.rate_limited"],
  ["FORBIDDEN", "forge.forbidden"],
  ["INSUFFICIENT_SCOPES", "forge.forbidden"],
]);

/** A failure of the server itself has neither a type nor the extension that a wrong query gets. */
function graphqlCode(type: string, error: unknown): ForgeCode {
  const isNameless = type === "UNKNOWN" && isData(error) && error["extensions"] === undefined;
  return GRAPHQL_CODES.get(type) ?? (isNameless ? "forge.unavailable" : "forge.refused");
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
