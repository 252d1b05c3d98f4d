import type { Ajv2020, ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { parseCanonical, parseLine, printCanonical } from "../kernel/canonical-json.ts";
import { ToolError } from "../kernel/errors.ts";
import type { Data, Json } from "../kernel/json.ts";
import { printable } from "../kernel/text.ts";
import { compiled } from "./compiled.ts";
import { schemaCompiler } from "./schema-compiler.ts";
import type { Schemas } from "./schemas.ts";
import type { DocumentName, Documents } from "./types.gen.ts";

/** Most problems that one error names; the rest are counted. */
const MAX_PROBLEMS = 20;

function isValidator(made: unknown): made is ValidateFunction {
  return typeof made === "function";
}

/** Loads the schemas; each that the build has not made a validator of compiles when it is first used. */
export function loadSchemas(): Schemas {
  let ajv: Ajv2020 | undefined;
  const validatorOf = (name: DocumentName): ValidateFunction => {
    const made = compiled.get(name)?.();
    if (isValidator(made)) return made;
    ajv ??= schemaCompiler();
    const found = ajv.getSchema(`${name}.schema.json`);
    if (found === undefined) throw new ToolError("internal.bug", `There is no schema ${name}`);
    return found;
  };
  const check = <N extends DocumentName>(name: N, value: unknown, what: string): Documents[N] => {
    const validate = validatorOf(name);
    if (!validate(value)) throw invalid("schema.invalid", name, what, validate.errors ?? []);
    return value as Documents[N];
  };
  const stored = <N extends DocumentName>(name: N, value: Json, what: string): Documents[N] => {
    const validate = validatorOf(name);
    if (!validate(value)) throw invalid("state.document.invalid", name, what, validate.errors ?? []);
    return value as unknown as Documents[N];
  };
  return {
    check,
    parse: (name, bytes, what) => stored(name, parseCanonical(bytes, what), what),
    parseLine: (name, line, what) => stored(name, parseLine(line, what), what),
    print(name, document) {
      check(name, document, name);
      return new TextEncoder().encode(printCanonical(document as unknown as Json));
    },
  };
}

function invalid(
  code: "schema.invalid" | "state.document.invalid",
  name: DocumentName,
  what: string,
  errors: readonly ErrorObject[],
): ToolError {
  const problems = errors.slice(0, MAX_PROBLEMS).map(problemOf);
  const first = problems[0] ?? { pointer: "", message: "is not valid" };
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new ToolError(code, `${what}#${first.pointer} ${first.message}${rest}`, {
    data: { schema: name, what, pointer: first.pointer, problems },
    hints: [`Compare it with schemas/${name}.schema.json`],
  });
}

function problemOf(error: ErrorObject): Data & { readonly pointer: string; readonly message: string } {
  const params = error.params as Readonly<Record<string, unknown>>;
  const named = params["additionalProperty"] ?? params["propertyName"];
  const name = typeof named === "string" ? ` ${JSON.stringify(printable(named))}` : "";
  const allowed = Array.isArray(params["allowedValues"]) ? `: ${params["allowedValues"].join(", ")}` : "";
  return { pointer: error.instancePath, message: `${error.message ?? "is not valid"}${allowed || name}` };
}
