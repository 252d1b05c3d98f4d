import { allOf } from "./bodies.ts";
import { isJson } from "./json-schema.ts";
import type { Description } from "./openapi.ts";
import type { FakeRepository } from "./repository.ts";
import type { Call, Caller, Reply, Routes } from "./route.ts";
import type { Match } from "./router.ts";
import { denialOf } from "./tokens.ts";
import type { FakeWorld } from "./world.ts";

const DOCS = "https://docs.github.com/rest";

/** What the REST API is asked, once the router knows the operation. */
export interface Asked {
  readonly match: Match;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Call["headers"];
  readonly caller: Caller | null;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly isStale: boolean;
}

/** An answer with GitHub's error body. */
export function failure(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: { message, documentation_url: DOCS, status: String(status) }, headers };
}

/** Answers one operation of the REST API; what GitHub's description does not know becomes a violation and 500. */
export async function answerRest(
  world: FakeWorld,
  description: Description,
  routes: Routes,
  asked: Asked,
): Promise<Reply> {
  const { operation, params } = asked.match;
  const body = operation.isUpload ? undefined : parsed(await allOf(asked.bytes));
  if (body instanceof SyntaxError) return failure(400, "Problems parsing JSON");
  const wrong = description.requestProblem(operation, { params, query: asked.query, body });
  if (wrong !== null) return violation(world, `request ${operation.id}: ${wrong}`);
  const repo = repositoryOf(world, params);
  const denial = params["owner"] !== undefined && repo === null ? NOT_FOUND : denialOf(operation, repo, asked.caller);
  if (denial !== null) return failure(denial.status, denial.message, denial.headers);
  const handle = routes[operation.id];
  if (handle === undefined) return violation(world, `no route answers ${operation.id}`);
  const [first] = world.repositories;
  const at = repo ?? first;
  if (at === undefined) return failure(404, "Not Found");
  if (operation.method !== "GET") world.lastIdBeforeWrite = world.lastId;
  const { caller, path, query, headers, bytes, isStale } = asked;
  const call: Call = {
    world,
    repo: at,
    caller,
    path,
    params,
    query,
    body,
    bytes,
    headers,
    origin: world.urls.server,
    isStale,
  };
  const reply = await handle(call);
  const untrue = reply.isUndescribed === true ? null : description.replyProblem(operation, reply.status, reply.body);
  if (untrue !== null) return violation(world, `answer ${operation.id}: ${untrue}`);
  return operation.method === "GET" ? read(world, asked, reply) : reply;
}

/** What a read answers: with a fault, what the same reader saw last time, or else what was there before the last write. */
function read(world: FakeWorld, { caller, path, query, isStale }: Asked, reply: Reply): Reply {
  if (Buffer.isBuffer(reply.body) || reply.body === undefined) return reply;
  const key = `${caller?.account.id ?? 0} ${path}?${query.toString()}`;
  if (!isStale) {
    world.lastReads.set(key, { ...reply, body: JSON.stringify(reply.body) });
    return reply;
  }
  const last = world.lastReads.get(key);
  return last === undefined ? aged(reply, world.lastIdBeforeWrite) : { ...last, body: JSON.parse(last.body) };
}

const NOT_FOUND = { status: 404, message: "Not Found", headers: {} } as const;

/** Remembers what GitHub would never have been asked or have answered. */
export function violation(world: FakeWorld, message: string): Reply {
  world.violations.push(message);
  return failure(500, `The stand-in for GitHub found a violation: ${message}`);
}

function repositoryOf(world: FakeWorld, params: Readonly<Record<string, string>>): FakeRepository | null {
  const { owner, repo } = params;
  return owner === undefined || repo === undefined ? null : world.repository(owner, repo);
}

function parsed(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    return cause;
  }
}

/** The answer as it was before the last write: what is newer is left out. */
function aged(reply: Reply, lastId: number): Reply {
  const isKnown = (item: unknown): boolean => !(isJson(item) && typeof item["id"] === "number" && item["id"] > lastId);
  if (Array.isArray(reply.body)) return { ...reply, body: reply.body.filter(isKnown) };
  return isKnown(reply.body) ? reply : failure(404, "Not Found");
}
