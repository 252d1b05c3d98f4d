import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as all from "../../../src/inspect/all.ts";
import { inspectors, ordered } from "../../../src/inspect/registry.ts";

const folder = "src/inspect";

describe("registry of inspectors", () => {
  it("holds every file that defines one", () => {
    const files = readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .filter((name) => /= (?:defineInspector|[a-zA-Z]+Within)\(/.test(readFileSync(`${folder}/${name}`, "utf8")));
    const ids = files.map((name) => name.replace(/\.ts$/, "").replaceAll("-", "_"));
    expect(ids.toSorted()).toEqual(inspectors.map((one) => one.id).toSorted());
    expect(Object.values(all)).toHaveLength(inspectors.length);
  });

  it("asks specific formats before the containers they are made of", () => {
    const first = inspectors.findIndex((one) => one.container === true);
    expect(first).toBeGreaterThan(0);
    expect(inspectors.slice(first).every((one) => one.container === true)).toBe(true);
  });

  it("refuses two inspectors of one id", () => {
    const [one] = inspectors;
    expect(() => ordered([one!, one!])).toThrow("one id");
  });

  it("gives every inspector a title and codes of its own", () => {
    const codes = inspectors.flatMap((one) => one.problems);
    expect(new Set(codes).size).toBe(codes.length);
    expect(inspectors.every((one) => one.title !== "" && one.problems.length > 0)).toBe(true);
  });
});
