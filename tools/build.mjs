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
import { compileScripts, makeScripts } from "./bundle-scripts.mjs";

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

/** Modules that a command asks for one after the other, by the file of the bundle that holds them: each file costs a millisecond, and what two of them need is in both. */
const together = {
  repository: [
    "cli/compose.js",
    "cli/compose/cache-folder.js",
    "cli/compose/decision-kinds.js",
    "cli/compose/ground.js",
    "cli/compose/repository.js",
    "cli/compose/store.js",
    "src/gate/view/view.js",
    "src/platform/git/git-process.js",
    "src/platform/git/place.js",
    "src/platform/sql-engine.js",
    "src/schema/documents.js",
  ],
  verify: [
    "cli/duration.js",
    "cli/screens/verify.js",
    "cli/verify-answer.js",
    "cli/verify-checks.js",
    "cli/verify-progress.js",
    "cli/verify-rules.js",
    "cli/verify-sarif-file.js",
    "src/distribution/checks.js",
    "src/distribution/false-tombstones.js",
    "src/gate/verify/checkpoint-checks.js",
    "src/gate/verify/not-checked.js",
    "src/gate/verify/verify-repository.js",
    "src/platform/git/surroundings.js",
    "src/state/verify/snapshot-equals.js",
  ],
};

/** Says in the comment that bundlers read which modules are loaded together. */
function nameChunks(folder) {
  const nameOf = new Map(Object.entries(together).flatMap(([name, paths]) => paths.map((path) => [path, name])));
  const unused = new Set(nameOf.keys());
  for (const file of filesBelow(folder)) {
    if (!file.endsWith(".js")) continue;
    const text = readFileSync(file, "utf8");
    const named = text.replace(/import\("(\.{1,2}\/[^"]+)"\)/g, (whole, path) => {
      const target = relative(folder, join(dirname(file), path));
      const name = nameOf.get(target);
      unused.delete(target);
      return name === undefined ? whole : `import(/* webpackChunkName: "${name}" */ "${path}")`;
    });
    if (named !== text) writeFileSync(file, named);
  }
  if (unused.size > 0) throw new Error(`Nothing loads ${[...unused].join(", ")} when it is needed: see together`);
}

function inputsHash() {
  const hash = createHash("sha256");
  const single = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "tools/build.mjs",
    "tools/bundle-scripts.mjs",
    "tools/validators.mjs",
  ].map((f) => at(f));
  for (const file of [...single, ...filesBelow(at("src")), ...filesBelow(at("cli")), ...filesBelow(at("schemas"))]) {
    if (file.includes(join("schemas", "examples"))) continue;
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.update(process.versions.v8).digest("hex");
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
nameChunks(at("build"));
node([at("tools", "validators.mjs"), at("build")]);
bundle(join("build", "cli", "main.js"), aside);
bundle(join("build", "src", "schema", "ajv-compiler.cjs"), join(aside, "ajv"));
makeSegmenterLazy(at(aside, "index.js"));
makeScripts(at(aside));
const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));
const imports = {
  "#sql.js": "./sql.js/sql-wasm.cjs",
  "#ajv-compiler": "./ajv/index.cjs",
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
copyFileSync(at("cli", "load.cjs"), at(aside, "bin", "load.cjs"));
compileScripts(at(aside), Object.keys(together));
writeFileSync(at(aside, ".inputs"), inputs);
rmSync(at("dist"), { recursive: true, force: true });
renameSync(at(aside), at("dist"));
