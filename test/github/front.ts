import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { allOf, counted, cutAfter, CutShort, Line } from "./bodies.ts";
import type { FaultEffect, FaultTarget } from "./faults.ts";
import { gitRoutes } from "./git.ts";
import { answerGraphql, graphqlNames } from "./graphql.ts";
import { Description } from "./openapi.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import { answerRest, failure, violation } from "./rest.ts";
import type { Caller, Reply, Routes } from "./route.ts";
import { makeRouter, type Match } from "./router.ts";
import { answered } from "./routes/answered.ts";
import { routes as featureRoutes } from "./routes/all.ts";
import { answerGit, gitService } from "./smart-http.ts";
import { sentToken } from "./tokens.ts";
import type { FakeWorld, SentRequest } from "./world.ts";

type Origin = "main" | "uploads" | "objects";

/** One request on its way through the stand-in. */
interface Visit {
  readonly origin: Origin;
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly target: FaultTarget;
  readonly match: Match | null;
  readonly caller: Caller | null;
  readonly record: SentRequest;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** GraphQL's body, which names the operation. */
  readonly asked: Buffer;
}

const BROWSER = /^\/([^/]+)\/([^/]+)\/releases\/(?:download\/([^/]+)|latest\/download)\/([^/]+)$/;
const ALL_ROUTES: Routes = { ...answered({ ...gitRoutes, ...repositoryRoutes }), ...featureRoutes };
const description = new Description();
const router = makeRouter(description.operations);

/** Takes each request: logs it, lets faults strike, finds who answers, and sends the answer with GitHub's headers. */
export class Front {
  readonly #world: FakeWorld;
  readonly #latencyMs: number;
  readonly #line: Line | null;
  readonly #open = new Set<Promise<void>>();

  constructor(world: FakeWorld, latencyMs: number, bytesPerSecond: number | null = null) {
    this.#world = world;
    this.#latencyMs = latencyMs;
    this.#line = bytesPerSecond === null ? null : new Line(bytesPerSecond);
  }

  async serve(origin: Origin, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const serving = this.#serve(origin, request, response);
    this.#open.add(serving);
    try {
      await serving;
    } catch (cause) {
      if (!(cause instanceof CutShort)) throw cause;
    } finally {
      this.#open.delete(serving);
    }
  }

  /** Resolves when nothing is being answered any more. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  async #serve(origin: Origin, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const visit = await this.#visit(origin, request);
    if (this.#latencyMs > 0) await wait(this.#latencyMs);
    const effect = this.#world.faults.take(visit.target);
    if (effect?.kind === "drop") {
      request.socket.destroy();
      return;
    }
    const reply = await this.#reply(
      effect?.kind === "truncate" ? { ...visit, bytes: cutAfter(visit.bytes, effect.bytes) } : visit,
      effect,
    );
    if (effect?.kind === "lose") {
      // With the head of git's answer on its way, git cannot just ask again on another connection.
      if (visit.target.kind === "git") response.writeHead(200).flushHeaders();
      request.socket.destroy();
      return;
    }
    const sent = effect?.kind === "status-after" ? failure(effect.status, "Bad Gateway") : reply;
    visit.record.status = sent.status;
    await this.#send(visit, request, response, sent);
  }

  async #visit(origin: Origin, request: IncomingMessage): Promise<Visit> {
    const world = this.#world;
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const method = request.method ?? "GET";
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
    );
    const kind = kindOf(origin, url);
    const match =
      kind === "rest" || kind === "upload" ? router(method, belowApi(url.pathname), kind === "upload") : null;
    const token = sentToken(headers["authorization"]);
    const caller = token === null ? null : world.tokens.find(token);
    const record: SentRequest = {
      n: world.requests.length + 1,
      kind,
      method,
      path: url.pathname,
      operation: match?.operation.id ?? (kind === "git" ? gitService(url.pathname, url.searchParams) : null),
      token: token === null ? "none" : (caller?.kind ?? "bad"),
      status: null,
      sentBytes: 0,
    };
    world.requests.push(record);
    const bytes = counted(request, record, this.#line);
    const asked = kind === "graphql" ? await allOf(bytes) : Buffer.alloc(0);
    if (kind === "graphql") record.operation = graphqlNames(asked);
    const { n, path, operation } = record;
    return {
      origin,
      url,
      method,
      headers,
      target: { n, kind, method, path, operation, asks: `${url.search} ${asked.toString()}` },
      match,
      caller,
      record,
      bytes,
      asked,
    };
  }

  async #reply(visit: Visit, effect: FaultEffect | null): Promise<Reply> {
    if (effect?.kind === "status") return failure(effect.status, effect.message ?? "Server Error", effect.headers);
    if (effect?.kind === "stale") this.#world.faults.staleReads += effect.reads;
    try {
      return await this.#answer(visit);
    } catch (cause) {
      if (cause instanceof CutShort) return failure(502, "Bad Gateway");
      const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      return violation(this.#world, `${visit.method} ${visit.url.pathname} failed: ${stack}`);
    }
  }

  #answer(visit: Visit): Promise<Reply> | Reply {
    const world = this.#world;
    const { target, url, method, headers, caller, bytes, record } = visit;
    if (target.kind === "download") return this.#download(visit);
    if (record.token === "bad") return target.kind === "git" ? GIT_UNKNOWN : failure(401, "Bad credentials");
    if (target.kind === "git") {
      return answerGit(world, { method, path: url.pathname, query: url.searchParams, headers, caller, bytes });
    }
    if (target.kind === "browser") return this.#browse(visit);
    const rate = world.rate.take(caller, world.now(), target.kind === "graphql" ? "graphql" : "core");
    if (rate.isOver) return failure(403, "API rate limit exceeded", rate.headers);
    if (target.kind === "graphql")
      return this.#limited(answerGraphql(world, caller, visit.asked, this.#isStale(visit)), rate.headers);
    if (visit.match === null) return violation(world, `no operation is described for ${method} ${url.pathname}`);
    const { match } = visit;
    const asked = {
      match,
      path: url.pathname,
      query: url.searchParams,
      headers,
      caller,
      bytes,
      isStale: this.#isStale(visit),
    };
    return this.#limited(answerRest(world, description, ALL_ROUTES, asked), rate.headers);
  }

  async #limited(reply: Promise<Reply>, headers: Readonly<Record<string, string>>): Promise<Reply> {
    const given = await reply;
    return { ...given, headers: { ...headers, ...given.headers } };
  }

  /** Takes one of the reads that still answer an old state. */
  #isStale({ method, target }: Visit): boolean {
    const { faults } = this.#world;
    const isRead = target.kind === "graphql" ? target.operation?.startsWith("query") === true : method === "GET";
    if (faults.staleReads === 0 || !isRead) return false;
    faults.staleReads -= 1;
    return true;
  }

  #download(visit: Visit): Reply {
    const world = this.#world;
    // The real store answers 400 to a request that is signed and carries a token as well.
    if (visit.headers["authorization"] !== undefined) return violation(world, "a token was sent to the objects origin");
    const found = world.objects.servedAt(visit.url.pathname);
    if (found === null) return failure(404, "Not Found");
    const headers = {
      "content-type": found.contentType,
      "content-length": String(found.sizeBytes),
      "content-disposition": `attachment; filename=${found.fileName}`,
    };
    return { status: 200, body: world.objects.read(found), headers };
  }

  #browse(visit: Visit): Promise<Reply> | Reply {
    const world = this.#world;
    const [, owner = "", name = "", tag, asset = ""] = BROWSER.exec(visit.url.pathname) ?? [];
    const repo = world.repository(owner, name);
    const handle = ALL_ROUTES[tag === undefined ? "browser/download-latest-asset" : "browser/download-asset"];
    if (repo === null || handle === undefined) return failure(404, "Not Found");
    const { caller, headers, bytes, url } = visit;
    const named = { owner, repo: name, name: decodeURIComponent(asset) };
    const params: Record<string, string> = tag === undefined ? named : { ...named, tag: decodeURIComponent(tag) };
    const rest = {
      path: url.pathname,
      query: url.searchParams,
      body: undefined,
      origin: world.urls.server,
      isStale: false,
    };
    return handle({ world, repo, caller, params, headers, bytes, ...rest });
  }

  async #send(visit: Visit, request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
    const isRaw = Buffer.isBuffer(reply.body) || reply.body instanceof Readable;
    const body = isRaw || reply.body === undefined ? reply.body : Buffer.from(JSON.stringify(reply.body));
    const headers: Record<string, string> = {
      date: this.#world.now().toUTCString(),
      "x-github-request-id": `WAYB:${visit.record.n}`,
      ...(isRaw || body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      ...reply.headers,
    };
    if (Buffer.isBuffer(body) && visit.method === "GET" && reply.status === 200) {
      headers["etag"] = `W/"${createHash("sha256").update(body).digest("hex")}"`;
    }
    // What was not read would otherwise stand in the way of the next request on this connection.
    if (!request.readableEnded) request.resume();
    if (headers["etag"] !== undefined && headers["etag"] === visit.headers["if-none-match"]) {
      visit.record.status = 304;
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(reply.status, headers);
    if (body instanceof Readable) await pipeline(body, response).catch(() => response.destroy());
    else response.end(body);
  }
}

const GIT_UNKNOWN: Reply = {
  status: 401,
  body: Buffer.from("Invalid username or token.\n"),
  headers: { "www-authenticate": 'Basic realm="GitHub"' },
};

function kindOf(origin: Origin, url: URL): FaultTarget["kind"] {
  if (origin === "uploads") return "upload";
  if (origin === "objects") return "download";
  if (url.pathname === "/api/graphql") return "graphql";
  if (url.pathname.startsWith("/api/v3")) return "rest";
  return gitService(url.pathname, url.searchParams) === null ? "browser" : "git";
}

function belowApi(path: string): string {
  const below = path.replace(/^\/api\/(?:v3|uploads)/, "");
  return below === "" ? "/" : below;
}
