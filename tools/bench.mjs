// Measures what Waybill costs, as ratios to plain tools in the same run. `--json` prints one object; a name runs only that bench.
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "dist", "bin", "waybill.cjs");
const modules = (path) => import(join(root, "build", path));

const benches = {
  operations: async () => (await import("../bench/operations.mjs")).operations(modules, program),
  snapshots: async () => (await import("../bench/snapshots.mjs")).snapshots(modules, program),
  publishing: async () => (await import("../bench/publishing.mjs")).publishing(modules, program),
  "github-publish": async () => (await import("../bench/github-publish.mjs")).githubPublish(modules, program),
  inspection: async () => (await import("../bench/inspection.mjs")).inspection(modules, program),
  verifying: async () => (await import("../bench/verifying.mjs")).verifying(modules, program),
  "start-up": async () => (await import("../bench/start-up.mjs")).startUp(modules, program),
};

delete process.env.NODE_EXTRA_CA_CERTS;
const asked = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}

const rows = [];
for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
  process.stderr.write(`Measuring ${name}\n`);
  for (const row of await benches[name]()) rows.push(row.skipped ? row : { ...row, ok: row.value <= row.target });
}
if (process.argv.includes("--json"))
  process.stdout.write(`${JSON.stringify({ node: process.version, rows }, null, 2)}\n`);
else process.stdout.write(table(rows));
if (rows.some((row) => row.ok === false)) process.exitCode = 1;

function table(all) {
  const cells = all.map((row) =>
    row.skipped
      ? [row.name, "-", "-", "skipped", row.skipped]
      : [row.name, text(row.value, row.unit), `<= ${text(row.target, row.unit)}`, row.ok ? "ok" : "over", row.note],
  );
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((cell) => cell[i].length)));
  const line = (cell) =>
    `${cell
      .slice(0, 4)
      .map((part, i) => part.padEnd(widths[i]))
      .join("  ")}  ${cell[4]}`.trimEnd();
  return `${cells.map(line).join("\n")}\n`;
}

function text(value, unit) {
  return unit === "x" ? `${value.toFixed(2)} x` : `${Math.round(value)} ${unit}`;
}
