// Proving years of history: 100,000 commits of facts and 5,000 signed decisions from the root against listing the same objects, and one
// decision more against an empty program.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { historyRepository, stepTo } from "./history/cache.mjs";
import { STEPS } from "./history/write.mjs";
import { fileURLToPath } from "node:url";
import { interleaved, median, ratio, run } from "./measure.mjs";
import { cleanEnv, freshFolder } from "./repository.mjs";

/** What an incremental run may take beside the time of an empty program. */
const WORK_MS = 100;

export async function verifying(_modules, program) {
  const [commits, decisions] = (process.env["WAYBILL_BENCH_HISTORY"] ?? "100000/5000").split("/").map(Number);
  const path = await historyRepository(commits, decisions);
  const home = freshFolder();
  const env = { ...cleanEnv, HOME: home, XDG_CACHE_HOME: join(home, "cache"), XDG_CONFIG_HOME: join(home, "config") };
  const on = { path, home, env, program, peaks: [] };
  try {
    const full = await interleaved(2, {
      verify: () => verify(on, "--full"),
      list: () => run("sh", ["-c", "git rev-list --objects --all | git cat-file --batch-check | wc -l"], { cwd: path }),
    });
    const later = await afterOneDecision(on);
    return rows({ commits, decisions }, full, later, on.peaks);
  } finally {
    stepTo(path, 0);
    rmSync(home, { recursive: true, force: true });
  }
}

function rows({ commits, decisions }, full, later, peaks) {
  const name = `verify of ${commits / 1000}k commits and ${decisions} decisions`;
  const memory = `${name}, resident memory`;
  return [
    ratio(`${name}, full / rev-list --objects | cat-file --batch-check`, full.verify, full.list, 4),
    {
      ...{ name: "verify after one more decision, less 100 ms / node -e 0", unit: "x", target: 3.3 },
      value: (later.verify - WORK_MS) / later.floor,
      note: `${later.verify.toFixed(1)} ms against ${later.floor.toFixed(1)} ms`,
    },
    {
      name: memory,
      value: Math.max(...peaks) / 1000,
      unit: "MB",
      target: 300,
      note: "without git, which maps its packs",
    },
  ];
}

/** Each round puts one decision more on the branches, and verifies what an earlier run does not know. */
async function afterOneDecision(on) {
  const times = { verify: [], floor: [] };
  for (let step = 1; step <= STEPS; step += 1) {
    stepTo(on.path, step);
    for (const [name, work] of Object.entries({
      verify: () => verify(on),
      floor: () => run(process.execPath, ["-e", "0"], { env: on.env }),
    })) {
      const began = performance.now();
      work();
      times[name].push(performance.now() - began);
    }
  }
  return { verify: median(times.verify), floor: median(times.floor) };
}

function verify({ path, home, env, program, peaks }, ...flags) {
  const line = [program, "state", "verify", "--server", path, ...flags];
  if (flags.length === 0) return void run(process.execPath, line, { env });
  const peak = join(home, "peak");
  const required = fileURLToPath(new URL("peak.cjs", import.meta.url));
  run(process.execPath, ["--require", required, ...line], { env: { ...env, WAYBILL_BENCH_PEAK: peak } });
  peaks.push(Number(readFileSync(peak, "utf8")));
}
