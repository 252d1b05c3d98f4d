import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { testEnv } from "./native-under-test.ts";

/** An environment whose git is counted; `started` answers how many were started since it was asked last. */
export function countingGit(folder: string): {
  readonly env: ReadonlyMap<string, string>;
  readonly started: () => number;
} {
  const log = join(folder, "started");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(log, "");
  const real = execFileSync("sh", ["-c", "command -v git"]).toString().trim();
  writeFileSync(join(bin, "git"), `#!/bin/sh\necho "$@" >> '${log}'\nexec '${real}' "$@"\n`, { mode: 0o755 });
  return {
    env: new Map([...testEnv(folder), ["PATH", `${bin}:${env["PATH"] ?? ""}`]]),
    started() {
      const lines = readFileSync(log, "utf8").split("\n");
      writeFileSync(log, "");
      return lines.filter((line) => line !== "").length;
    },
  };
}
