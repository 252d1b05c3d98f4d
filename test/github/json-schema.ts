/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** Tells whether a value is a JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Turns a schema of OpenAPI 3.0 into one that ajv understands: `nullable` becomes a union with null, also where it stands beside a `$ref`;
 * objects with known keys are closed, so that a misspelt key is found, except within `allOf`; `oneOf` becomes `anyOf`, because GitHub's
 * alternatives overlap.
 */
export function rewritten(schema: unknown, resolve: (ref: string) => unknown, isOpen = false): unknown {
  if (Array.isArray(schema)) return schema.map((each) => rewritten(each, resolve, isOpen));
  if (!isJson(schema)) return schema;
  const { nullable, oneOf, anyOf, allOf, properties, enum: values, ...rest } = schema;
  const again = (value: unknown, open = false): unknown => rewritten(value, resolve, open);
  const made: Record<string, unknown> = { ...rest };
  const alternatives = oneOf ?? anyOf;
  if (alternatives !== undefined) made["anyOf"] = again(alternatives, isOpen);
  if (Array.isArray(allOf)) made["allOf"] = allOf.map((each: unknown) => again(inlined(each, resolve), true));
  if (isJson(properties)) {
    made["properties"] = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, again(value)]));
    if (!isOpen && allOf === undefined && rest["additionalProperties"] === undefined)
      made["additionalProperties"] = false;
  }
  for (const key of ["items", "additionalProperties", "not"]) if (isJson(rest[key])) made[key] = again(rest[key]);
  if (Array.isArray(values)) made["enum"] = values;
  return nullable === true ? { anyOf: [made, { type: "null" }] } : made;
}

function inlined(schema: unknown, resolve: (ref: string) => unknown): unknown {
  return isJson(schema) && typeof schema["$ref"] === "string" ? resolve(schema["$ref"]) : schema;
}

/** The schema with null allowed at a path of keys. */
export function nullableAt(schema: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return { anyOf: [schema], nullable: true };
  if (!isJson(schema) || schema[key] === undefined) throw new Error(`no ${key} in a schema`);
  return { ...schema, [key]: nullableAt(schema[key], rest) };
}
