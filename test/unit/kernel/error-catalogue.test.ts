import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/kernel/error-catalogue.ts";
import { classOf } from "../../../src/kernel/errors.ts";

const codes = Object.keys(catalogue);

function sources(): string {
  const texts: string[] = [];
  for (const top of ["src", "cli"]) {
    for (const entry of readdirSync(top, { recursive: true, encoding: "utf8" })) {
      if (entry.endsWith(".ts") && !entry.endsWith("error-catalogue.ts"))
        texts.push(readFileSync(join(top, entry), "utf8"));
    }
  }
  return texts.join("\n");
}

describe("the error catalogue", () => {
  it("has codes of two or three parts, in order", () => {
    for (const code of codes) expect(code).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+){1,2}$|^inspect\.\*$/);
    expect(codes).toEqual(codes.toSorted());
  });

  it("has no code that nothing gives", () => {
    const text = sources();
    expect(codes.filter((code) => code !== "inspect.*" && !text.includes(`"${code}"`))).toEqual([]);
  });

  it("gives an inspection problem the class of its family, and an unknown code that of a bug", () => {
    expect(classOf("inspect.zip.path_escape")).toEqual({ exit: 1, retryable: false });
    expect(classOf("internal.bug").exit).toBe(70);
  });
});
