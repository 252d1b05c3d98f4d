import { readFileSync } from "node:fs";
import { type ErrorObject, Ajv, type ValidateFunction } from "ajv";
import { isJson, type Json, nullableAt, rewritten } from "./json-schema.ts";

const ADDRESS = new URL("description/github-openapi.json", import.meta.url);
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Where GitHub sends null although its description knows none: the head of a pull request whose fork is deleted. */
const NULL_TOO = [
  ["components", "schemas", "pull-request", "properties", "head", "properties", "repo"],
  ["components", "schemas", "pull-request-simple", "properties", "head", "properties", "repo"],
] as const;

/** A parameter of the path or the query. */
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: unknown;
  /** Its value may hold slashes. */
  readonly isLong: boolean;
}

/** One operation as GitHub describes it. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** For example `/repos/{owner}/{repo}/git/ref/{ref}`. */
  readonly path: string;
  /** It is served by another host than the rest. */
  readonly isUpload: boolean;
  readonly parameters: readonly Parameter[];
}

/** GitHub's description as an oracle: says what of a request or an answer it does not know. */
export class Description {
  readonly operations: readonly Operation[];
  readonly #whole: Json;
  readonly #ajv = makeAjv(false);
  readonly #coercing = makeAjv(true);
  readonly #compiled = new Map<string, ValidateFunction | null>();
  readonly #sources = new Map<string, Json>();

  constructor() {
    const whole: unknown = JSON.parse(readFileSync(ADDRESS, "utf8"));
    this.#whole = member(NULL_TOO.reduce(nullableAt, whole));
    const schemas = Object.entries(member(this.#at("components", "schemas")));
    const all = Object.fromEntries(schemas.map(([name, schema]) => [name, this.#rewritten(schema)]));
    this.#ajv.addSchema({ components: { schemas: all } }, "github");
    this.operations = Object.entries(member(this.#whole["paths"])).flatMap(([path, item]) =>
      Object.entries(member(item)).map(([method, source]) => this.#operation(path, method, member(source))),
    );
  }

  /** Says what is wrong with a request; null where nothing is. */
  requestProblem(
    operation: Operation,
    request: { readonly params: Json; readonly query: URLSearchParams; readonly body: unknown },
  ): string | null {
    const query: Record<string, unknown> = Object.fromEntries(request.query);
    return (
      this.#parameterProblem(operation, "path", { ...request.params }) ??
      this.#parameterProblem(operation, "query", query) ??
      this.#bodyProblem(operation, request.body)
    );
  }

  /** Says what is wrong with an answer: a status that is not described, or a body of another shape; null where nothing is. */
  replyProblem(operation: Operation, status: number, body: unknown): string | null {
    const replies = member(this.#sources.get(operation.id)?.["responses"]);
    const described = replies[String(status)];
    if (described === undefined) return `status ${status} is not described, only ${Object.keys(replies).join(", ")}`;
    if (Buffer.isBuffer(body)) return null;
    const known = this.#compile(`${operation.id} ${status}`, this.#ajv, () => this.#contentSchema(described));
    if (known === null) return null;
    if (body === undefined) return `status ${status} has no body, but one is described`;
    return known(status < 400 ? body : withoutStatus(body)) ? null : `the body of ${status} ${problemOf(known)}`;
  }

  #parameterProblem(operation: Operation, place: string, values: Record<string, unknown>): string | null {
    const known = this.#compile(`${operation.id} ${place}`, this.#coercing, () => {
      const own = operation.parameters.filter((each) => each.in === place);
      return {
        type: "object",
        properties: Object.fromEntries(own.map((each) => [each.name, this.#rewritten(each.schema)])),
        required: own.filter((each) => each.required).map((each) => each.name),
        additionalProperties: false,
      };
    });
    return known === null || known(values) ? null : `the ${place} ${problemOf(known)}`;
  }

  #bodyProblem(operation: Operation, body: unknown): string | null {
    if (operation.isUpload) return null;
    const described = this.#resolved(this.#sources.get(operation.id)?.["requestBody"]);
    const known = this.#compile(`${operation.id} body`, this.#ajv, () => this.#contentSchema(described));
    if (known === null) return body === undefined || isEmpty(body) ? null : "has a body, but none is described";
    if (body === undefined) return described["required"] === true ? "has no body, but one is required" : null;
    return known(body) ? null : `the body ${problemOf(known)}`;
  }

  /** The schema of JSON where several media types are described; null where no body is. */
  #contentSchema(described: unknown): unknown {
    const content = this.#resolved(described)["content"];
    if (!isJson(content)) return null;
    const json = Object.entries(content).find(([type]) => type === "application/json") ?? Object.entries(content)[0];
    const schema = member(json?.[1])["schema"];
    const object = member(content["application/vnd.github.object"])["schema"];
    if (schema === undefined) return null;
    return this.#rewritten(object === undefined ? schema : { anyOf: [schema, object] });
  }

  #operation(path: string, method: string, source: Json): Operation {
    const id = String(source["operationId"]);
    this.#sources.set(id, source);
    const listed = Array.isArray(source["parameters"]) ? source["parameters"] : [];
    const parameters = listed.map((each: unknown): Parameter => {
      const found = this.#resolved(each);
      return {
        name: String(found["name"]),
        in: String(found["in"]),
        required: found["required"] === true,
        schema: found["schema"],
        isLong: found["x-multi-segment"] === true,
      };
    });
    return { id, method: method.toUpperCase(), path, isUpload: source["servers"] !== undefined, parameters };
  }

  /** Compiles a schema once; null where there is none. */
  #compile(key: string, ajv: Ajv, schemaOf: () => unknown): ValidateFunction | null {
    const found = this.#compiled.get(key);
    if (found !== undefined) return found;
    const schema = schemaOf();
    const made = schema === null ? null : ajv.compile(member(schema));
    this.#compiled.set(key, made);
    return made;
  }

  /** References within become references to the one schema that holds all components. */
  #rewritten(schema: unknown): unknown {
    const made: unknown = rewritten(schema, (ref) => this.#resolved({ $ref: ref }));
    return JSON.parse(JSON.stringify(made).replaceAll('"$ref":"#/', '"$ref":"github#/'));
  }

  #resolved(value: unknown): Json {
    const ref = member(value)["$ref"];
    if (typeof ref !== "string") return member(value);
    return this.#resolved(this.#at(...ref.slice(2).split("/")));
  }

  #at(...names: readonly string[]): unknown {
    return names.reduce<unknown>((value, name) => member(value)[name], this.#whole);
  }
}

function makeAjv(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, logger: false, coerceTypes, allErrors: false });
  ajv.addFormat("date-time", DATE_TIME);
  return ajv;
}

function member(value: unknown): Json {
  return isJson(value) ? value : {};
}

/** Every error of GitHub tells its status as text, but not every shape of one says so. */
function withoutStatus(body: unknown): unknown {
  if (!isJson(body)) return body;
  const { status: _, ...rest } = body;
  return rest;
}

function isEmpty(body: unknown): boolean {
  return isJson(body) && Object.keys(body).length === 0;
}

/** The deepest finding: with alternatives, the one that came furthest says most. */
function problemOf(known: ValidateFunction): string {
  const errors: readonly ErrorObject[] = known.errors ?? [];
  const deepest = errors.toSorted((a, b) => b.instancePath.length - a.instancePath.length)[0];
  if (deepest === undefined) return "is not valid";
  const details = Object.values(deepest.params).map((value) => JSON.stringify(value));
  return `is wrong at ${deepest.instancePath === "" ? "its root" : deepest.instancePath}: ${deepest.message ?? ""} ${details.join(" ")}`;
}
