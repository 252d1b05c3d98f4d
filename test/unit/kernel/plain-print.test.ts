import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_JSON_DEPTH, printCanonical, printLine } from "../../../src/kernel/canonical-json.ts";
import type { Json } from "../../../src/kernel/json.ts";
import { isPlainPrint } from "../../../src/kernel/plain-print.ts";

const forms = [
  { form: "file", print: printCanonical },
  { form: "line", print: printLine },
] as const;

/** JSON.parse makes nothing else. */
const isJson = (value: unknown): value is Json => value !== undefined;

/** The text as it is printed again; itself where it is no JSON. */
function printedAgain(text: string, print: (value: Json) => string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? print(value) : text;
  } catch {
    return text;
  }
}

/** Texts that differ from a document's by little, most of them JSON of another form. */
const pieces = fc.constantFrom(
  " ",
  "\n",
  "\n  ",
  "0",
  "-",
  "1e3",
  '"',
  '"a"',
  ",",
  ":",
  ": ",
  "{",
  "}",
  "[]",
  "{}",
  "null",
  "",
);

describe.each(forms)("a document as a $form", ({ form, print }) => {
  const is = (text: string) => isPlainPrint(text, form, MAX_JSON_DEPTH);

  test("is told from its text", () => {
    const document = { "": [], a: [1, -0.5, 1e21, { b: null, bb: true }], ab: "é\u2028 ]}", "b c": {}, d: [[false]] };
    expect(is(print(document))).toBe(true);
  });

  test("is never taken for another text", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.nat(4), pieces, (json, at, gone, piece) => {
        const text = printedAgain(json, print);
        const start = at % (text.length + 1);
        const changed = text.slice(0, start) + piece + text.slice(start + gone);
        const again = printedAgain(changed, print);
        expect(is(changed) && again !== changed).toBe(false);
        expect(is(text) || /[\\\ud800-\udfff]/.test(text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["a name twice", { x: '{"a":1,"a":2}', file: '{\n  "a": 1,\n  "a": 2\n}\n' }],
    ["a name before a shorter one", { x: '{"ab":1,"a":2}', file: '{\n  "ab": 1,\n  "a": 2\n}\n' }],
    ["a blank in front", { x: ' {"a":1}', file: ' {\n  "a": 1\n}\n' }],
    ["another number", { x: '{"a":1.0}', file: '{\n  "a": 1.0\n}\n' }],
    ["a zero with a sign", { x: '{"a":-0}', file: '{\n  "a": -0\n}\n' }],
    ["a needless escape", { x: '{"a":"\\u0041"}', file: '{\n  "a": "\\u0041"\n}\n' }],
    ["a line end too many", { x: '{"a":1}\n', file: '{\n  "a": 1\n}\n\n' }],
    ["too many lists", { x: "[".repeat(65) + "]".repeat(65), file: "[".repeat(65) + "]".repeat(65) }],
  ])("is not one with %s", (_, texts) => {
    expect(is(form === "file" ? texts.file : texts.x)).toBe(false);
  });
});
