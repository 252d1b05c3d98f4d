import { readFileSync } from "node:fs";
import { buildSchema, graphql, type GraphQLError, Kind, parse } from "graphql";
import { mutations } from "./graphql-mutations.ts";
import { type Asking, Problem, queries } from "./graphql-objects.ts";
import { isJson } from "./json-schema.ts";
import { violation } from "./rest.ts";
import type { Caller, Reply } from "./route.ts";
import { failure } from "./rest.ts";
import { Answered } from "./routes/answers.ts";
import type { FakeWorld } from "./world.ts";

const schema = buildSchema(readFileSync(new URL("description/github-graphql.graphql", import.meta.url), "utf8"));

/** Names what a GraphQL request asks for, for example `query repository`; null where it cannot be read. */
export function graphqlNames(body: Buffer): string | null {
  const source = requestOf(body)?.source;
  if (source === undefined) return null;
  try {
    const operation = parse(source).definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
    const roots = operation?.selectionSet.selections ?? [];
    const names = new Set(roots.map((each) => (each.kind === Kind.FIELD ? each.name.value : "…")));
    return `${operation?.operation ?? "query"} ${[...names].join(" ")}`;
  } catch {
    return null;
  }
}

/** Answers a GraphQL request by GitHub's own schema; what that does not know becomes a violation and 500. */
export async function answerGraphql(
  world: FakeWorld,
  caller: Caller | null,
  body: Buffer,
  isStale: boolean,
): Promise<Reply> {
  if (caller === null) return failure(401, "This endpoint requires you to be authenticated.");
  const request = requestOf(body);
  if (request === null) return failure(400, "Problems parsing JSON");
  const asking: Asking = { world, caller, isStale };
  world.lastIdBeforeWrite =
    graphqlNames(body)?.startsWith("mutation") === true ? world.lastId : world.lastIdBeforeWrite;
  const { source, variables: variableValues } = request;
  const rootValue = { ...queries(asking), ...mutations(asking) };
  const { data, errors = [] } = await graphql({ schema, source, rootValue, variableValues });
  const unknown = errors.find(({ originalError: cause }) => !(cause instanceof Problem || cause instanceof Answered));
  if (unknown !== undefined)
    return violation(world, `GraphQL: ${unknown.message}\n${unknown.originalError?.stack ?? source}`);
  return { status: 200, body: errors.length === 0 ? { data } : { data: data ?? null, errors: errors.map(shown) } };
}

/** The only answer that a resolver throws as REST would is the one to a token without the permission. */
function shown({ message, path, locations, originalError }: GraphQLError): unknown {
  if (originalError instanceof Problem) return { type: originalError.type, path, locations, message };
  return { type: "FORBIDDEN", path, locations, message: "Resource not accessible by integration" };
}

function requestOf(body: Buffer): { readonly source: string; readonly variables: Record<string, unknown> } | null {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (!isJson(parsed) || typeof parsed["query"] !== "string") return null;
    return { source: parsed["query"], variables: isJson(parsed["variables"]) ? { ...parsed["variables"] } : {} };
  } catch {
    return null;
  }
}
