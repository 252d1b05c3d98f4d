import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeSandbox } from "../support/sandbox.ts";

const version = /"version": "([^"]+)"/.exec(readFileSync("package.json", "utf8"))?.[1];
const waybill = resolve("dist/bin/waybill.cjs");

describe("built programs", () => {
  it.each(["waybill", "dist", "distd", "akc"])("%s --version answers without loading the rest", async (program) => {
    const run = await makeSandbox().run(program, "--version");
    expect(run).toEqual({ exit: 0, stdout: `${program} ${version}\n`, stderr: "" });
  });

  it.each(["waybill", "dist", "akc"])("%s --help lists its commands", async (program) => {
    const run = await makeSandbox().run(program, "--help");
    expect([run.exit, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain("dist manifest init");
  });

  it("distd says which version has it", async () => {
    const run = await makeSandbox().run("distd");
    expect(run.exit).toBe(2);
    expect(run.stderr).toMatch(/^error\[usage.not_here\].* version \d/);
  });

  it("says where there is no repository, and what to do", async () => {
    const run = await makeSandbox().run("waybill", "gate", "list", "--json");
    const result: unknown = JSON.parse(run.stdout);
    expect(result).toMatchObject({ exit: 2, error: { code: "state.repository.missing" } });
    expect([run.exit, run.stderr]).toEqual([2, ""]);
  });

  it("does not load anything that help does not need", () => {
    const { folder, env } = makeSandbox();
    const tell = join(folder, "tell.cjs");
    writeFileSync(
      tell,
      `const fs = require("node:fs"), read = fs.readFileSync;
      fs.readFileSync = (path, ...how) => (process.stderr.write(path + "\\n"), read(path, ...how));`,
    );
    const argv = ["--require", tell, waybill, "--help"];
    const trace = spawnSync(process.execPath, argv, { cwd: folder, env, encoding: "utf8" });
    const loaded = [...trace.stderr.matchAll(/dist\/((?:\d+\.)?index\.js)/g)].map(([, name]) => name);
    // Only the chunk of help itself.
    expect([trace.status, loaded.includes("index.js"), loaded.length <= 2]).toEqual([0, true, true]);
  });

  it("lets a reader go away without an error", () => {
    const { folder, env } = makeSandbox();
    const script = `"${process.execPath}" "${waybill}" --help | head -n 1; exit 0`;
    const run = spawnSync("/bin/sh", ["-c", script], { cwd: folder, env, encoding: "utf8" });
    expect([run.stderr, run.stdout.split("\n").length]).toEqual(["", 2]);
  });

  it("dies of the signal that stops it, and says how to go on", async () => {
    const { folder, env } = makeSandbox();
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((ask) => (isAsked = ask));
    // Takes the connection and never answers, so that the run waits for git until it is stopped.
    const server = createServer(() => isAsked());
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const argv = [waybill, "gate", "list", "--server", `http://127.0.0.1:${port}/x.git`];
    const child = spawn(process.execPath, argv, { cwd: folder, env, detached: true });
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += String(data)));
    const ended = new Promise((close) => child.once("close", (_code, signal) => close(signal)));
    await asked;
    // To the whole group, as a terminal does.
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect([await ended, stderr]).toEqual(["SIGINT", expect.stringContaining("Run the same command to go on")]);
  });
});
