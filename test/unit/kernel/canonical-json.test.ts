import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  depthExceeds,
  parseCanonical,
  parseLine,
  printCanonical,
  printLine,
} from "../../../src/kernel/canonical-json.ts";
import { parseInputJson } from "../../../src/kernel/input-json.ts";
import type { Json } from "../../../src/kernel/json.ts";
import { codeOf } from "../../support/code-of.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseCanonical(bytes(text), "x.json");

test("prints keys by code point, two spaces, raw text and a final newline", () => {
  expect(printCanonical({ b: [1, {}], a: "é\u2028", "\u{10000}": null, "\uff00": [] })).toBe(
    '{\n  "a": "é\u2028",\n  "b": [\n    1,\n    {}\n  ],\n  "\uff00": [],\n  "\u{10000}": null\n}\n',
  );
});

test("reads back what it printed, and prints it again alike", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (json) => {
      const text = printCanonical(parseInputJson(bytes(json), { what: "x.json", code: "schema.invalid" }).value);
      expect(printCanonical(parse(text))).toBe(text);
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("takes no text but the canonical one, whatever byte is changed", () => {
  const text = printCanonical({ a: [1, "ü", { "1": true, "0": null }], b: "\\ud" });
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(" ", "\n", "\t", "0", '"', ",", ""), (at, by) => {
      const changed = text.slice(0, at) + by + text.slice(at + 1);
      let value: Json;
      try {
        value = parse(changed);
      } catch {
        return;
      }
      expect(printCanonical(value)).toBe(changed);
    }),
  );
});

const refused = new Map([
  ["a duplicate key", '{\n  "a": 1,\n  "a": 2\n}\n'],
  ["another order", '{\n  "b": 1,\n  "a": 2\n}\n'],
  ["an order by UTF-16", '{\n  "\u{10000}": 1,\n  "\uff00": 2\n}\n'],
  ["numbers as keys in another order", '{\n  "b": 1,\n  "1": 2\n}\n'],
  ["another form of a number", '{\n  "a": 1e0\n}\n'],
  ["no final newline", '{\n  "a": 1\n}'],
  ["CRLF", '{\r\n  "a": 1\r\n}\r\n'],
  ["a byte-order mark", '\ufeff{\n  "a": 1\n}\n'],
  ["an escape that need not be", '{\n  "a": "\\u0041"\n}\n'],
  ["a lone surrogate", '{\n  "a": "\\ud800"\n}\n'],
  ["a lone surrogate in capitals", '{\n  "a": "\\uD800"\n}\n'],
  ["two values", "1\n2\n"],
  ["nothing", ""],
  ["nesting of 65", `${"[".repeat(65)}${"]".repeat(65)}\n`],
  ["nesting of half a million", `${"[".repeat(500_000)}${"]".repeat(500_000)}\n`],
  ["brackets without an end", "[".repeat(1_000_000)],
]);

test.each([...refused])("refuses %s", (_, text) => {
  expect(codeOf(() => parse(text))).toBe("document.not_canonical");
});

test("keeps numbers as keys, and a key that is a trap elsewhere", () => {
  const text = '{\n  "0": 1,\n  "10": 2,\n  "9": 3,\n  "__proto__": {\n    "a": 1\n  }\n}\n';
  expect(printCanonical(parse(text))).toBe(text);
});

test("names the byte at which UTF-8 breaks", () => {
  const broken = Uint8Array.from([...bytes('{\n  "a": "'), 0xff, 0x22]);
  expect(() => parseCanonical(broken, "x.json")).toThrow(/at byte 10/);
});

test("nests as deep as 64 and no deeper, printing and reading alike", () => {
  const nested = (depth: number) => {
    let value: Json = 1;
    for (let i = 0; i < depth; i += 1) value = [value];
    return value;
  };
  expect(parse(printCanonical(nested(64)))).toEqual(nested(64));
  expect(codeOf(() => printCanonical(nested(65)))).toBe("document.unprintable");
  expect(codeOf(() => printCanonical({ a: Number.NaN }))).toBe("document.unprintable");
  expect(codeOf(() => printCanonical({ a: "\ud800" }))).toBe("document.unprintable");
});

test("counts brackets outside of strings only", () => {
  expect(depthExceeds('"[[[[\\"[["', 1)).toBe(false);
  expect(depthExceeds("[[]]", 1)).toBe(true);
  expect(depthExceeds("[[]]", 2)).toBe(false);
});

describe("one line", () => {
  test("a line and the document's own print say the same, both ways", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        const text = printCanonical(parseInputJson(bytes(json), { what: "x.json", code: "schema.invalid" }).value);
        const line = printLine(parse(text));
        expect(line).not.toContain("\n");
        expect(printCanonical(parseLine(line, "test"))).toBe(text);
      }),
    );
  });

  test.each([
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a": 1}',
    "1e0",
    '{"a":1}\n',
    '"\\u0041"',
    "",
    '{"__proto__":1,"A":2}',
  ])("refuses %j", (line) => {
    expect(codeOf(() => parseLine(line, "test"))).toBe("document.not_canonical");
  });

  test("keys that are numbers stand by code point", () => {
    expect(printLine({ b: 1, 10: 2, 9: 3 })).toBe('{"10":2,"9":3,"b":1}');
    expect(parseLine('{"10":2,"9":3,"b":1}', "test")).toEqual({ b: 1, 10: 2, 9: 3 });
  });
});
