// Writes validators of the documents on branches into build/, so that a command compiles no schema. Results and inputs are compiled where
// they are used: their code would be larger than the rest of the program. Each validator, and the compiler, is a file of its own beside the
// bundle that cli/load.cjs reads when it is first called: V8 needs as long for all of them as for everything else that a command loads.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { _ } from "ajv/dist/compile/codegen/index.js";
import standalone from "ajv/dist/standalone/index.js";

const folder = join(process.argv[2], "src", "schema");
const load = (path) => import(pathToFileURL(join(process.argv[2], "src", path)));
const { sources } = await load("schema/sources.gen.js");
const { schemaCompiler } = await load("schema/schema-compiler.js");
const names = sources.map(({ $id }) => $id.replace(/\.schema\.json$/, "")).filter((name) => isDocument(name));

mkdirSync(join(folder, "validators"));
for (const name of names) writeFileSync(join(folder, "validators", `${name}.js`), validatorOf(name));

writeFileSync(
  join(folder, "compiled.js"),
  `import equal from "ajv/dist/runtime/equal.js";
import ucs2length from "ajv/dist/runtime/ucs2length.js";
import { formats } from "./formats.js";

// Whoever loads this decides what the default of a CommonJS module is.
const runtime = { equal: equal.default ?? equal, ucs2length: ucs2length.default ?? ucs2length };
const made = new Map();

// What loads the bundle loads these; benches load the modules by themselves.
const load = import.meta.load ?? ((name) => {
  const exported = {};
  const text = process.getBuiltinModule("node:fs").readFileSync(import.meta.dirname + "/" + name, "utf8");
  process.getBuiltinModule("node:vm").runInThisContext(text)(exported);
  return exported;
});

function validatorOf(name) {
  if (!made.has(name)) made.set(name, load(\`validators/\${name}.js\`).validatorOf(formats, runtime));
  return made.get(name);
}

export const compiled = new Map(${JSON.stringify(names)}.map((name) => [name, () => validatorOf(name)]));
`,
);

renameSync(join(folder, "schema-compiler.js"), join(folder, "ajv-compiler.js"));
writeFileSync(join(folder, "ajv-compiler.cjs"), 'module.exports = require("./ajv-compiler.js");\n');
writeFileSync(
  join(folder, "schema-compiler.js"),
  `import { createRequire } from "node:module";

export const schemaCompiler = (code) => createRequire(import.meta.url)("#ajv-compiler").schemaCompiler(code);
`,
);

/** Code of one validator, a script of the bundle, which is given what it needs of the bundle. */
function validatorOf(name) {
  // A compiler for each: one that has made others would write them into it too.
  const ajv = schemaCompiler({ source: true, formats: _`formats` });
  const code = standalone
    .default(ajv, { validate: `${name}.schema.json` })
    .replaceAll('require("ajv/dist/runtime/equal").default', "runtime.equal")
    .replaceAll('require("ajv/dist/runtime/ucs2length").default', "runtime.ucs2length");
  if (code.includes("require(")) throw new Error(`The validator of ${name} needs more than compiled.js gives it`);
  return `(function (exported) {\nexported.validatorOf = function (formats, runtime) {\nconst exports = {};\n${code}\nreturn exports.validate;\n};\n})`;
}

function isDocument(name) {
  return !/-result\.v\d+$|^defs\.|^dist-manifest|^command-/.test(name);
}
