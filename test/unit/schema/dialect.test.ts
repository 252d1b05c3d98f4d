import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isData } from "../../../src/kernel/json.ts";
import { loadSchemas } from "../../../src/schema/documents.ts";
import type { DocumentName } from "../../../src/schema/types.gen.ts";

const folder = "schemas";
const files = readdirSync(folder).filter((file) => file.endsWith(".schema.json"));
const schemas = loadSchemas();

type Node = Readonly<Record<string, unknown>>;

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Every object of a schema that is itself a schema, with its pointer. */
function* nodesOf(node: unknown, pointer = ""): Generator<readonly [string, Node]> {
  if (Array.isArray(node)) for (const [i, item] of node.entries()) yield* nodesOf(item, `${pointer}/${i}`);
  if (!isData(node)) return;
  yield [pointer, node];
  for (const [key, value] of Object.entries(node)) {
    if (key !== "enum" && key !== "const" && key !== "required") yield* nodesOf(value, `${pointer}/${key}`);
  }
}

function isDocumentName(name: string): name is DocumentName {
  return name !== "defs.v1";
}

describe.each(files)("%s", (file) => {
  const schema = read(join(folder, file));
  const name = file.replace(".schema.json", "");

  it("keeps to the dialect", () => {
    const faults: string[] = [];
    for (const [pointer, node] of nodesOf(schema)) {
      if (pointer.endsWith("/properties") || pointer.endsWith("/$defs")) continue;
      if (node["type"] === "object" && node["additionalProperties"] === undefined)
        faults.push(`${pointer}: open object`);
      if (node["properties"] !== undefined && node["type"] !== "object")
        faults.push(`${pointer}: properties without type`);
      for (const banned of ["allOf", "anyOf", "prefixItems"]) if (banned in node) faults.push(`${pointer}: ${banned}`);
      const required = node["required"];
      const properties = node["properties"];
      if (Array.isArray(required) && isData(properties)) {
        for (const key of required)
          if (!(String(key) in properties)) faults.push(`${pointer}: requires unknown ${String(key)}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it.runIf(isDocumentName(name))("accepts its valid examples and refuses its invalid ones", () => {
    if (!isDocumentName(name)) return;
    const examples = (kind: string): readonly string[] => {
      const path = join(folder, "examples", name, kind);
      return existsSync(path) ? readdirSync(path).map((example) => join(path, example)) : [];
    };
    expect(examples("valid").length, `schemas/examples/${name}/valid`).toBeGreaterThan(0);
    expect(examples("invalid").length, `schemas/examples/${name}/invalid`).toBeGreaterThan(0);
    for (const example of examples("valid")) expect(() => schemas.check(name, read(example), example)).not.toThrow();
    for (const example of examples("invalid")) {
      expect(() => schemas.check(name, read(example), example)).toThrow(example);
    }
  });

  it.runIf(isDocumentName(name))("has every key that it requires in some valid example", () => {
    const path = join(folder, "examples", name, "valid");
    if (!existsSync(path) || !isData(schema)) return;
    const keysOf = (document: unknown): readonly string[] => (isData(document) ? Object.keys(document) : []);
    const seen = new Set(readdirSync(path).flatMap((example) => keysOf(read(join(path, example)))));
    const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
    expect(required.filter((key) => !seen.has(key))).toEqual([]);
  });
});
