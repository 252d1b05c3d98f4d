// Builds dist/ from src, cli and schemas: tsc, then one ncc bundle. Does nothing when its inputs have not changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const programs = ["waybill", "dist", "distd", "akc", "action"];

function* filesBelow(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** A package makes a segmenter of texts as it is loaded: 10 ms of every command, for what only the columns of --help need. */
function makeSegmenterLazy(bundle) {
  const eager = "const segmenter = new Intl.Segmenter();";
  const lazy = "const segmenter = { segment: (text) => (segmenter.made ??= new Intl.Segmenter()).segment(text) };";
  const text = readFileSync(bundle, "utf8");
  if (text.split(eager).length !== 2)
    throw new Error("string-width makes its segmenter in another way: see makeSegmenterLazy");
  writeFileSync(bundle, text.replace(eager, lazy));
}

/** Modules are written as arrow functions, which V8 parses when it reads a chunk and again when it calls them; functions in brackets it compiles at once. */
function makeModulesEager(folder) {
  const arrow = /^(\/\*{3}\/ )\(\((.*)\) => \{$/gm;
  let made = 0;
  for (const name of readdirSync(folder).filter((one) => one.endsWith("index.js"))) {
    const text = readFileSync(join(folder, name), "utf8");
    const eager = text.replace(arrow, "$1(function($2) {");
    if (eager !== text) made += 1;
    writeFileSync(join(folder, name), eager);
  }
  if (made === 0) throw new Error("ncc writes modules in another way: see makeModulesEager");
}

function inputsHash() {
  const hash = createHash("sha256");
  const single = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "tools/build.mjs",
    "tools/validators.mjs",
  ].map((f) => at(f));
  for (const file of [...single, ...filesBelow(at("src")), ...filesBelow(at("cli")), ...filesBelow(at("schemas"))]) {
    if (file.includes(join("schemas", "examples"))) continue;
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.update(process.versions.modules).digest("hex");
}

function node(argv) {
  const { status, error } = spawnSync(process.execPath, argv, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function bundle(main, folder) {
  const flags = ["--asset-builds", "--license", "LICENSES.txt", "--no-cache", "--quiet"];
  node([at("node_modules", "@vercel", "ncc", "dist", "ncc", "cli.js"), "build", main, "--out", folder, ...flags]);
}

const inputs = inputsHash();
if (existsSync(at("dist", ".inputs")) && readFileSync(at("dist", ".inputs"), "utf8") === inputs) process.exit(0);

process.stderr.write("Building dist/\n");
// Built aside and renamed at the end, so that a build that fails leaves the last good one in place.
const aside = "dist.next";
rmSync(at("build"), { recursive: true, force: true });
rmSync(at(aside), { recursive: true, force: true });
// Neither tool exports its command file, so both are named by path.
node([at("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"]);
node([at("tools", "validators.mjs"), at("build")]);
bundle(join("build", "cli", "main.js"), aside);
bundle(join("build", "src", "schema", "ajv-compiler.cjs"), join(aside, "ajv"));
makeSegmenterLazy(at(aside, "index.js"));
makeModulesEager(at(aside));
const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));
const imports = {
  "#sql.js": "./sql.js/sql-wasm.cjs",
  "#ajv-compiler": "./ajv/index.cjs",
  "#validators/*": "./validators/*",
};
const manifest = { version, type: "module", imports };
writeFileSync(at(aside, "package.json"), `${JSON.stringify(manifest)}\n`);
cpSync(at("build", "src", "schema", "validators"), at(aside, "validators"), { recursive: true });
mkdirSync(at(aside, "sql.js"));
copyFileSync(at("node_modules", "sql.js", "dist", "sql-wasm.js"), at(aside, "sql.js", "sql-wasm.cjs"));
copyFileSync(at("node_modules", "sql.js", "dist", "sql-wasm.wasm"), at(aside, "sql.js", "sql-wasm.wasm"));
mkdirSync(at(aside, "bin"));
for (const program of programs) {
  copyFileSync(at("cli", "bin.cjs"), at(aside, "bin", `${program}.cjs`));
  chmodSync(at(aside, "bin", `${program}.cjs`), 0o755);
}
writeFileSync(at(aside, ".inputs"), inputs);
rmSync(at("dist"), { recursive: true, force: true });
renameSync(at(aside), at("dist"));
