import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeSandbox } from "../support/sandbox.ts";

/** One command of the README's first console block, and what the README says it prints. */
interface Typed {
  readonly command: string;
  readonly prints: readonly string[];
}

function firstScreen(): readonly Typed[] {
  const block = /```console\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
  const typed: { command: string; prints: string[] }[] = [];
  for (const line of block.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) typed.push({ command: line.slice(2).replace(/\s+#.*$/, ""), prints: [] });
    else typed.at(-1)?.prints.push(line);
  }
  return typed;
}

/** Takes out what differs in every run, or with every rule of `state verify` that is added: ids, commits, durations. */
function masked(line: string): string {
  return line
    .replaceAll(/\b(rel|art|prop|tok|aud|repo)_[0-9a-z]+/g, "$1_ID")
    .replaceAll(/\b\d+(?:\.\d+)? (?:ms|s)\b/g, "TIME")
    .replaceAll(/\bby \d+ rules\b/g, "by RULES")
    .replaceAll(/\b[0-9a-f]{7}\b/g, "COMMIT");
}

/** Tells whether lines are what the README shows, in order; `…` stands for any lines between. */
function holds(shown: readonly string[], printed: readonly string[]): boolean {
  let at = 0;
  let free = false;
  for (const line of shown.map(masked)) {
    if (line === "…") {
      free = true;
      continue;
    }
    const found = printed.findIndex((one, i) => i >= at && masked(one) === line);
    if (found < 0 || (!free && found !== at)) return false;
    at = found + 1;
    free = false;
  }
  return free || at === printed.length;
}

it("prints on a fresh machine what the first screen of the README shows", () => {
  const sandbox = makeSandbox();
  const bin = sandbox.path("bin");
  mkdirSync(bin);
  for (const program of ["waybill", "dist"])
    symlinkSync(join(process.cwd(), "dist", "bin", `${program}.cjs`), join(bin, program));
  sandbox.write("build/acme-notes-linux-x64.bin", "a program for Linux\n");
  sandbox.write("build/acme-notes-windows-x64.bin", "a program for Windows\n");
  const env: NodeJS.ProcessEnv = { ...sandbox.env, PATH: `${bin}:${String(sandbox.env["PATH"])}` };
  const typed = firstScreen();
  expect(typed.length).toBeGreaterThan(4);
  for (const { command, prints } of typed) {
    const exported = /^export (.*)$/.exec(command);
    if (exported) {
      for (const pair of exported[1]!.split(" "))
        env[pair.slice(0, pair.indexOf("="))] = pair.slice(pair.indexOf("=") + 1);
      continue;
    }
    // Waiting for people (exit 3) is an answer, not a failure.
    const script = `${command} || [ $? = 3 ]`;
    const out = execFileSync("bash", ["-c", script], {
      cwd: sandbox.folder,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(holds(prints, out.trimEnd().split("\n")), `$ ${command}\n${out}`).toBe(true);
  }
});

it("finds a line that the README invents", () => {
  expect(holds(["Published a 1", "…"], ["Published a 1", "x"])).toBe(true);
  expect(holds(["Published a 2", "…"], ["Published a 1", "x"])).toBe(false);
  expect(holds(["a"], ["a", "b"])).toBe(false);
});
