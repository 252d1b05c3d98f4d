import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ToolError } from "../../../src/kernel/errors.ts";
import { decodeUtf8, printable, safeJson } from "../../../src/kernel/text.ts";

function offsetOf(bytes: readonly number[]): unknown {
  try {
    decodeUtf8(Uint8Array.from(bytes), "x");
  } catch (cause) {
    if (cause instanceof ToolError) return cause.data["offset"];
  }
  return null;
}

describe("decoding UTF-8", () => {
  it.each([
    ["a byte that is never valid", [0x61, 0xff, 0x62], 1],
    ["a sequence cut short by another character", [0x61, 0xc3, 0x28], 1],
    ["a sequence cut short by the end", [0x61, 0x62, 0xe2, 0x82], 2],
    ["a byte behind a whole sequence", [0xc3, 0xa9, 0xff], 2],
    ["a continuation without a beginning", [0x61, 0x80], 1],
    ["an overlong form", [0xc0, 0xaf], 0],
    ["a surrogate", [0x61, 0xed, 0xa0, 0x80], 1],
  ])("names where %s begins", (_, bytes, offset) => {
    expect(offsetOf(bytes)).toBe(offset);
  });

  it("leaves everything before the offset valid, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const offset = offsetOf([...bytes]);
        if (typeof offset !== "number") return;
        expect(offset).toBeLessThan(bytes.length);
        expect(() => decodeUtf8(bytes.subarray(0, offset), "x")).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });
});

describe("printing text from outside", () => {
  it.each([
    ["a\u202eb", "a\\u{202e}b"],
    ["\u0d3eab", "\\u{d3e}ab"],
    ["a\u0301", "a\u0301"],
    ["x".repeat(300), `${"x".repeat(199)}…`],
  ])("escapes what would change the line around it: %j", (text, printed) => {
    expect(printable(text)).toBe(printed);
  });
});

describe("JSON that is safe to print", () => {
  it("holds no character that a terminal obeys, and reads back as it was", () => {
    const value = {
      "\u202epath": ["\u2066a\u200bb", "\u009b31m", "\u2028", "\u{e0041}", "\ud800", "\u001b[0m", "é 日本 😀"],
    };
    const text = safeJson(value);
    expect(text).not.toMatch(/[\u007f-\u009f\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text).toContain("\\u202epath");
    expect(text).toContain("é 日本 😀");
    expect(JSON.parse(text)).toEqual(value);
  });

  it("is what JSON.parse gives back, whatever the text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(safeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
