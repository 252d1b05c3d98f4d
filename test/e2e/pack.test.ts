import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { makeSandbox } from "../support/sandbox.ts";

/** npm's own program: the one that runs the tests, else the one beside their Node. */
function npmCli(): string {
  const prefix = dirname(dirname(process.execPath));
  const found = [
    process.env["npm_execpath"] ?? "",
    join(prefix, "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    "/usr/share/nodejs/npm/bin/npm-cli.js",
  ].find((path) => existsSync(path));
  if (found === undefined) throw new Error("npm was not found beside Node");
  return found;
}

it("packs everything that the programs need, and installs without a network", () => {
  const { folder, env: own } = makeSandbox();
  const env = { ...own, npm_config_cache: join(folder, "npm-cache") };
  const npm = (...argv: string[]) =>
    execFileSync(process.execPath, [npmCli(), ...argv], { env, encoding: "utf8", stdio: "pipe" });
  // dist/ was built for these tests; the scripts of the package would only build it again.
  npm("pack", "--ignore-scripts", "--silent", "--pack-destination", folder);
  const [tarball = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  npm("install", "--global", "--offline", "--silent", "--prefix", join(folder, "prefix"), join(folder, tarball));
  const version = /"version": "([^"]+)"/.exec(readFileSync("package.json", "utf8"))?.[1];
  for (const program of ["waybill", "dist", "distd", "akc"]) {
    const bin = join(folder, "prefix", "bin", program);
    const run = spawnSync(bin, ["--version"], { cwd: folder, env, encoding: "utf8" });
    expect([run.stdout, run.status]).toEqual([`${program} ${version}\n`, 0]);
  }
  const help = spawnSync(join(folder, "prefix", "bin", "dist"), ["manifest", "--help"], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  expect([help.status, help.stdout.includes("dist manifest init")]).toEqual([0, true]);
  const wrong = spawnSync(join(folder, "prefix", "bin", "waybill"), ["inspect", "nothing.apk", "--json"], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  const said: unknown = JSON.parse(wrong.stdout);
  expect(said).toMatchObject({ exit: 2, error: { code: "file.not_found" } });
  expect(wrong.status).toBe(2);
});
