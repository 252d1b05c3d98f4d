import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseInputJson } from "../../../src/kernel/input-json.ts";
import { ToolError } from "../../../src/kernel/errors.ts";
import { isData } from "../../../src/kernel/json.ts";
import { codeOf } from "../../support/code-of.ts";

const options = { what: "dist.json", code: "dist.manifest.bad_json" } as const;
const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseInputJson(bytes(text), options);

function errorOf(text: string): ToolError {
  try {
    parse(text);
  } catch (cause) {
    if (cause instanceof ToolError) return cause;
    throw cause;
  }
  throw new Error("It did not fail");
}

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ToolError || cause instanceof SyntaxError) return "refused";
    throw cause;
  }
}

describe("parseInputJson", () => {
  it("reads all that JSON.parse reads, to the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, indent) => {
        expect(parse(JSON.stringify(value, null, indent)).value).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("reads nothing that JSON.parse refuses, and fails with errors of ours only", () => {
    const marks = fc.constantFrom(...Array.from('{}[]",:\\ \n0123456789.-+eEtrufalsn'));
    fc.assert(
      fc.property(fc.string({ unit: marks }), (text) => {
        const ours = outcome(() => parse(text).value);
        expect(ours === "refused" || outcome(() => JSON.parse(text)) !== "refused").toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("knows the line of each value", () => {
    const read = parse('{\n  "a": [\n    1,\n    {"b/c": 2}\n  ]\n}\n');
    expect(["", "/a", "/a/0", "/a/1", "/a/1/b~1c", "/x"].map((pointer) => read.lineOf(pointer))).toEqual([
      1,
      2,
      3,
      4,
      4,
      undefined,
    ]);
  });

  it.each([
    ['{"a": 1, "a": 2}', "/a"],
    ['{"a": {"b": 1,\n"b": 2}}', "/a/b"],
    ["\ufeff{}", ""],
    ["{} x", ""],
    ["[1,]", "/1"],
    ["{'a': 1}", ""],
    ["[01]", ""],
    ["[1e999]", "/0"],
    ['["\\ud800"]', "/0"],
    ['["a\tb"]', "/0"],
    ["[NaN]", "/0"],
    ["// no\n{}", ""],
    ["", ""],
  ])("refuses %j and says where", (text, pointer) => {
    const error = errorOf(text);
    expect(error.code).toBe("dist.manifest.bad_json");
    expect(error.data["pointer"]).toBe(pointer);
  });

  it("names the line of a mistake", () => {
    expect(errorOf('{\n"a": 1,\n"b": nope\n}').data["line"]).toBe(3);
  });

  it("names the byte of invalid UTF-8", () => {
    const broken = Buffer.concat([bytes('{"a": "'), Buffer.from([0xff]), bytes('"}')]);
    const expected: unknown = expect.objectContaining({
      code: "text.invalid_utf8",
      data: { what: "dist.json", offset: 7 },
    });
    expect(() => parseInputJson(broken, options)).toThrow(expected);
  });

  it("refuses 10 MB of nesting without a crash, and the nesting itself when the bound allows the size", () => {
    const nested = bytes("[".repeat(10_000_000));
    expect(codeOf(() => parseInputJson(nested, options))).toBe("dist.manifest.bad_json");
    expect(codeOf(() => parseInputJson(nested, { ...options, maxBytes: 20_000_000 }))).toBe("dist.manifest.bad_json");
  });

  it("takes __proto__ for a key", () => {
    const { value } = parse('{"__proto__": {"admin": true}}');
    expect(isData(value) && Object.hasOwn(value, "__proto__")).toBe(true);
    expect(Object.keys({}).includes("admin") || "admin" in {}).toBe(false);
  });

  it("reads a megabyte in a bounded time", () => {
    const text = `[${Array.from({ length: 100_000 }, (_, i) => `"${i}"`).join(",\n")}]`;
    expect(parse(text).lineOf("/99999")).toBe(100_000);
  });
});
