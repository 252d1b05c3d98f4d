// Runs the sides of a comparison in turn, so that noise of the machine meets all of them alike, and answers medians.
import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { cleanEnv } from "./repository.mjs";

/** Median of numbers. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Runs each side once to warm it up and then in turn; answers the median of milliseconds of each. */
export async function interleaved(rounds, sides) {
  const times = new Map(Object.keys(sides).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(sides)) {
      const began = performance.now();
      const own = await run(round);
      // A side may measure itself, to leave its preparation out.
      if (round >= 0) times.get(name).push(typeof own === "number" ? own : performance.now() - began);
    }
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
}

/** Runs a program to its end; throws with its errors. */
export function run(program, args, options = {}) {
  const done = spawnSync(program, args, {
    env: cleanEnv,
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
    ...options,
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** Tells whether a program is there. */
export const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;

/** A ratio row: how many times as long as a yardstick. */
export const ratio = (name, ms, yardstickMs, target, note = "") => ({
  ...{ name, value: ms / yardstickMs, unit: "x", target },
  note: note || `${ms.toFixed(1)} ms against ${yardstickMs.toFixed(1)} ms`,
});
