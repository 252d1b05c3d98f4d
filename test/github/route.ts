import type { FakeRepository } from "./repository.ts";
import type { FakeWorld } from "./world.ts";

/** What a token of the stand-in may do, as GitHub's permissions of an installation or a workflow token. */
export type Permission =
  | "contents"
  | "pull_requests"
  | "statuses"
  | "actions"
  | "administration"
  | "issues"
  | "workflows"
  | "metadata"
  | "attestations"
  | "pages";

/** Who sends a request: the account behind its token, and what the token may do. */
export interface Caller {
  readonly account: FakeAccount;
  readonly kind: "user" | "app" | "workflow";
  readonly permissions: Readonly<Partial<Record<Permission, "read" | "write">>>;
  /** What an App is installed on, or the repository of the workflow; null is everything that the account may see. */
  readonly repositories: readonly FakeRepository[] | null;
}

/** An account; ids are never used twice, logins may be. */
export interface FakeAccount {
  readonly id: number;
  login: string;
  readonly type: "User" | "Bot" | "Organization";
}

/** One request that the router has matched with an operation of GitHub's description. */
export interface Call {
  readonly world: FakeWorld;
  /** The repository of `{owner}/{repo}`; operations without one get the first. */
  readonly repo: FakeRepository;
  readonly caller: Caller | null;
  /** Path of the request without its query, `/api/v3` included, for the addresses of other pages. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined where there was none. */
  readonly body: unknown;
  /** Raw bytes, for uploads; a JSON body is consumed already. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Origin of this server, for addresses of pages, for example `http://127.0.0.1:4711`; the API is at `world.urls.api`, below `/api/v3`. */
  readonly origin: string;
  /** A fault asks for what was true before the last write. */
  readonly isStale: boolean;
}

/** What the stand-in answers. A `Buffer` or a stream is sent as it is, anything else as JSON. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** GitHub was seen to answer so, although its description has no such status here. */
  readonly isUndescribed?: true;
}

/**
 * Handlers by `operationId` of GitHub's OpenAPI description, for example `repos/create-release`. Pages outside the API have names of
 * our own, and nothing describes them: `browser/download-asset` with `{owner}`, `{repo}`, `{tag}`, `{name}`, and
 * `browser/download-latest-asset` without the tag. Bytes are kept by `world.objects`, and downloads are redirected (302) to
 * `world.urls.objects` + `world.objects.serve(...)`.
 */
export type Routes = Readonly<Record<string, (call: Call) => Promise<Reply> | Reply>>;
