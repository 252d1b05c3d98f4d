import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";

/** Cases of the trust model. */
const CASES = 28;
/** How a test reaches the branches: through which drivers of the store, or as pure data. */
const THROUGH = ["every driver", "memory", "native", "clone", "forge", "data", "cache"];

const root = new URL("../../", import.meta.url);
const texts = new Map<string, string>();

function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(new URL(file, root), "utf8");
  texts.set(file, text);
  return text;
}

/** A name stands in its file as a text of its own, or as the key of a table of tests. */
function isIn(file: string, name: string): boolean {
  return [`"${name}"`, `'${name}'`, `\`${name}\``, `  ${name}: `].some((text) => textOf(file).includes(text));
}

const index: unknown = JSON.parse(textOf("test/trust/cases.json"));
const cases: readonly Data[] = Array.isArray(index) ? index.filter(isData) : [];

/** Tests that the index names for a case, each as item, file, name and what it goes through. */
function testsOf({ items }: Data): readonly (readonly unknown[])[] {
  const rows = isData(items) ? Object.entries(items) : [];
  return rows.flatMap(([item, tests]) => {
    const named = Array.isArray(tests) ? tests.filter(isData) : [];
    if (named.length === 0) return [[item, "", "", ""]];
    return named.map(({ file, test, through }) => [item, file, test, through]);
  });
}

describe("the index of trust cases", () => {
  it("has every case once, in order", () => {
    expect(cases.map(({ number }) => number)).toEqual(Array.from({ length: CASES }, (_, i) => i + 1));
  });

  it.each(cases.map((one) => [one["number"], one["title"], one] as const))(
    "%i, %s: has a test that exists for every item",
    (_number, _title, one) => {
      const tests = testsOf(one);
      expect(tests.length).toBeGreaterThan(0);
      for (const [item, file, name, through] of tests) {
        const isThere = typeof file === "string" && typeof name === "string" && file !== "" && isIn(file, name);
        expect([item, file, name, isThere, THROUGH.includes(String(through))]).toEqual([item, file, name, true, true]);
      }
    },
  );
});
