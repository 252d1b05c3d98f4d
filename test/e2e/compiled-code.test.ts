import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { makeSandbox } from "../support/sandbox.ts";

const dist = resolve("dist");

/** Holds what was compiled for the V8 that built it, which is the one of this test. */
function compiledIn(folder: string): string {
  const [name = ""] = readdirSync(join(folder, "compiled"));
  return join(folder, "compiled", name);
}

/** Copies the bundle, and changes what V8 compiled of it. */
function withCode(change: (folder: string) => void): { readonly exit: number | null; readonly stdout: string } {
  const { folder, env } = makeSandbox();
  const copy = join(folder, "package", "dist");
  cpSync(dist, copy, { recursive: true });
  cpSync("package.json", join(folder, "package", "package.json"));
  change(compiledIn(copy));
  const argv = [join(copy, "bin", "waybill.cjs"), "gate", "list", "--json"];
  const { status, stdout } = spawnSync(process.execPath, argv, { cwd: folder, env, encoding: "utf8" });
  return { exit: status, stdout };
}

describe("compiled code of the bundle", () => {
  it("is of what most commands load, and this V8 takes it", () => {
    const compiled = compiledIn(dist);
    const names = readdirSync(compiled, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
    expect(names).toEqual(expect.arrayContaining(["index.js", join("validators", "policy.v1.js")]));
    expect(names.filter((name) => name.endsWith(".index.js")).length).toBeGreaterThan(3);
    for (const name of names) {
      const cachedData = readFileSync(join(compiled, name));
      const script = new Script(readFileSync(join(dist, name), "utf8"), { cachedData });
      expect([name, script.cachedDataRejected]).toEqual([name, false]);
    }
  });

  it("is not needed", () => {
    const whole = withCode(() => undefined);
    expect(whole.stdout).toContain("state.repository.missing");
    expect(withCode((folder) => rmSync(folder, { recursive: true }))).toEqual(whole);
  });

  it("is left where it belongs to another text", () => {
    const whole = withCode(() => undefined);
    const other = withCode((folder) => {
      const [name = ""] = readdirSync(folder);
      writeFileSync(join(folder, "index.js"), readFileSync(join(folder, name)));
    });
    expect(other).toEqual(whole);
  });
});
