import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import type { Ground, Line } from "./many-machines.ts";

const BIN = join(import.meta.dirname, "..", "..", "dist", "bin");
const PRELOAD = join(import.meta.dirname, "kill-at.cjs");

/** Runs a command in a process group that is killed just before its n-th outside call; answers the signal it died of, or null. */
export function killedRun(ground: Ground, [program, ...argv]: Line, killAt: number): Promise<NodeJS.Signals | null> {
  const { env, folder } = ground.machine;
  const child = spawn(execPath, ["--require", PRELOAD, join(BIN, `${program}.cjs`), ...argv], {
    cwd: folder,
    detached: true,
    stdio: "ignore",
    env: { ...env, WAYBILL_TEST_KILL_AT: `${killAt}`, WAYBILL_TEST_CALLS: join(folder, "calls") },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => resolve(signal));
  });
}

/** Lets a command live, and answers how many outside calls it makes. */
export async function callsOf(ground: Ground, line: Line): Promise<number> {
  await killedRun(ground, line, 0);
  return Number(readFileSync(join(ground.machine.folder, "calls"), "utf8"));
}
