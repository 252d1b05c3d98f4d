import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { bundledBins, cleanEnv, runBundled, temporaryFolder } from "../support/bundle.ts";

const version = /"version": "([^"]+)"/.exec(readFileSync("package.json", "utf8"))?.[1];

describe("built programs", () => {
  it.each(["waybill", "dist", "distd", "akc"])("%s --version answers without loading the rest", (program) => {
    const run = runBundled(program, ["--version"], temporaryFolder());
    expect(run).toEqual({ exit: 0, stdout: `${program} ${version}\n`, stderr: "" });
  });

  it.each(["waybill", "dist", "akc"])("%s --help lists its commands", (program) => {
    const run = runBundled(program, ["--help"], temporaryFolder());
    expect([run.exit, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain("dist manifest init");
  });

  it("distd says which version has it", () => {
    const run = runBundled("distd", [], temporaryFolder());
    expect([run.exit, run.stderr.split("\n")[0]]).toEqual([
      2,
      expect.stringMatching(/^error\[usage.not_here\].* version \d/),
    ]);
  });

  it("says where there is no repository, and what to do", () => {
    const run = runBundled("waybill", ["gate", "list", "--json"], temporaryFolder());
    const result: unknown = JSON.parse(run.stdout);
    expect(result).toMatchObject({ exit: 2, error: { code: "state.repository.missing" } });
    expect([run.exit, run.stderr]).toEqual([2, ""]);
  });

  it("does not load anything that help does not need", () => {
    const folder = temporaryFolder();
    const trace = spawnSync(process.execPath, [join(bundledBins, "waybill.cjs"), "--help"], {
      cwd: folder,
      env: { ...cleanEnv(folder), NODE_DEBUG: "esm" },
      encoding: "utf8",
    });
    expect(trace.status).toBe(0);
    const loaded = [...trace.stderr.matchAll(/dist\/(\d+\.index\.js)/g)].map((match) => match[1]);
    // Only the chunk of help itself.
    expect(new Set(loaded).size).toBeLessThanOrEqual(1);
  });

  it("lets a reader go away without an error", () => {
    const folder = temporaryFolder();
    const bin = join(bundledBins, "waybill.cjs");
    const run = spawnSync("/bin/sh", ["-c", `"${process.execPath}" "${bin}" --help | head -n 1; exit 0`], {
      cwd: folder,
      env: cleanEnv(folder),
      encoding: "utf8",
    });
    expect(run.stderr).toBe("");
  });

  it("dies of the signal that stops it, and says how to go on", async () => {
    const folder = temporaryFolder();
    // Takes the connection and never answers, so that the run waits for git until it is stopped.
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const server = createServer(() => isAsked());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const argv = [join(bundledBins, "waybill.cjs"), "gate", "list", "--server", `http://127.0.0.1:${port}/x.git`];
    const child = spawn(process.execPath, argv, { cwd: folder, env: cleanEnv(folder), detached: true });
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += String(data)));
    const ended = new Promise((resolve) => child.once("close", (_code, signal) => resolve(signal)));
    await asked;
    // To the whole group, as a terminal does.
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect([await ended, stderr]).toEqual(["SIGINT", expect.stringContaining("Run the same command to go on")]);
  });
});
