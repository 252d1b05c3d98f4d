// Measures what Waybill costs, as ratios to plain tools in the same run. `--json` prints one object; a name runs only that bench;
// `--full` goes to 100 k and 1 M documents; `--make` only makes the histories that a run needs. bench/README.md says more.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { historyOf } from "../bench/history/cache.mjs";
import { table, verdictOf } from "../bench/table.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "dist", "bin", "waybill.cjs");
const modules = (path) => import(join(root, "build", path));

/** Name of each bench, which is its file, and the function in it. */
const benches = {
  operations: "operations",
  packed: "packed",
  portable: "portable",
  contention: "contention",
  remote: "remote",
  snapshots: "snapshots",
  verifying: "verifying",
  publishing: "publishing",
  "github-publish": "githubPublish",
  inspection: "inspection",
  "start-up": "startUp",
};

const { asked, flags } = argumentsOf(process.argv.slice(2));
const isFull = flags.has("--full");
const options = { full: isFull, scales: isFull ? [1000, 10_000, 100_000, 1_000_000] : [1000, 10_000] };
// Certificates of the machine cost 37 ms of every start of Node.
delete process.env.NODE_EXTRA_CA_CERTS;
// Years of history are proven whole with --full only.
process.env["WAYBILL_BENCH_HISTORY"] ??= isFull ? "100000/5000" : "10000/500";

if (flags.has("--make")) await make();
else await measure();

function argumentsOf(argv) {
  const names = argv.filter((arg) => !arg.startsWith("-"));
  const wrong = [
    ...names.filter((name) => !(name in benches)),
    ...argv.filter((arg) => arg.startsWith("-") && !["--json", "--full", "--make"].includes(arg)),
  ];
  if (wrong.length === 0) return { asked: names, flags: new Set(argv) };
  process.stderr.write(
    `There is no ${wrong.join(", ")}; there are ${Object.keys(benches).join(", ")}, --json, --full, --make\n`,
  );
  process.exit(2);
}

async function make() {
  for (const scale of options.scales) {
    for (const sealed of [false, true]) process.stdout.write(`${await historyOf(scale, { sealed })}\n`);
  }
}

async function measure() {
  const began = performance.now();
  const rows = [];
  for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
    process.stderr.write(`Measuring ${name}\n`);
    rows.push(...(await rowsOf(name)).map((row) => ({ bench: name, ...row, verdict: verdictOf(row) })));
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  if (flags.has("--json"))
    process.stdout.write(`${JSON.stringify({ node: process.version, full: isFull, seconds, rows }, null, 2)}\n`);
  else process.stdout.write(table(rows));
  if (rows.some(({ verdict }) => verdict === "over" || verdict === "failed")) process.exitCode = 1;
}

/** Rows of a bench; one that breaks is a row too, so that the others are still measured. */
async function rowsOf(name) {
  try {
    const module = await import(new URL(`../bench/${name}.mjs`, import.meta.url));
    return await module[benches[name]](modules, program, options);
  } catch (error) {
    return [{ name, failed: String(error?.message ?? error).match(/^.*(?:Error|error:).*$|^.*$/m)[0] }];
  }
}
