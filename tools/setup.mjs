// Installs the exact packages of package-lock.json when they are not there yet; with --build also builds dist/.
// Plain Node without packages, because it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".waybill-lock");
const want = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

function run(argv) {
  // Child output goes to stderr, so that stdout stays the answer of the command that called us.
  const { status, error } = spawnSync(process.execPath, argv, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== want) {
  const npm = process.env.npm_execpath;
  if (!npm) {
    process.stderr.write("tools/setup.mjs runs under npm: use `npm test` or `npm run demo`\n");
    process.exit(2);
  }
  process.stderr.write("Installing packages (once)\n");
  run([npm, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, want);
}
if (process.argv.includes("--build")) run([join(root, "tools", "build.mjs")]);
