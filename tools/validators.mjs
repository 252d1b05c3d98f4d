// Writes validators of the documents on branches into build/, so that a command compiles no schema. Results and inputs are compiled where
// they are used: their code would be larger than the rest of the program.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { _ } from "ajv/dist/compile/codegen/index.js";
import standalone from "ajv/dist/standalone/index.js";

/** Formats of ours by the functions that check them. */
const FORMATS = `module.exports = {
  "date-time": require("../kernel/time.js").isTimestamp,
  "one-line": require("../kernel/text.js").isOneLine,
  "plain-text": require("../kernel/text.js").isPlainText,
};
`;

const folder = join(process.argv[2], "src", "schema");
const load = (path) => import(pathToFileURL(join(process.argv[2], "src", path)));
const { sources } = await load("schema/sources.gen.js");
const { schemaCompiler } = await load("schema/schema-compiler.js");

const ajv = schemaCompiler({ source: true, formats: _`require("./formats.cjs")` });
const names = sources.map(({ $id }) => $id.replace(/\.schema\.json$/, "")).filter((name) => isDocument(name));
const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, `${name}.schema.json`])));
writeFileSync(join(folder, "formats.cjs"), FORMATS);
writeFileSync(join(folder, "compiled.cjs"), code);
writeFileSync(
  join(folder, "compiled.js"),
  'import made from "./compiled.cjs";\nexport const compiled = new Map(Object.entries(made));\n',
);

// Few commands compile a schema, and the compiler takes as long to start as the rest of a command: it starts when it is first called.
renameSync(join(folder, "schema-compiler.js"), join(folder, "ajv-compiler.js"));
writeFileSync(
  join(folder, "schema-compiler.cjs"),
  'exports.schemaCompiler = (code) => require("./ajv-compiler.js").schemaCompiler(code);\n',
);
writeFileSync(
  join(folder, "schema-compiler.js"),
  'import lazy from "./schema-compiler.cjs";\nexport const { schemaCompiler } = lazy;\n',
);

function isDocument(name) {
  return !/-result\.v\d+$|^defs\.|^dist-manifest|^command-/.test(name);
}
