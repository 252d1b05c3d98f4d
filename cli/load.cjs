// Loads files of the bundle, each the text of one function, with what V8 compiled of them at the build: it then neither parses nor
// compiles what a command runs. Another V8 than the one of the build takes the text alone.
"use strict";
const { existsSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { Script } = require("node:vm");

const { arch, versions } = process;
const bundle = dirname(__dirname);
const compiled = compiledIn(bundle);
const isCompiled = existsSync(compiled);

/** Where code for the V8 that runs this lies. */
function compiledIn(folder) {
  return join(folder, "compiled", `v8-${versions.v8}-${arch}`);
}

/** Runs a file of the bundle and answers what it exports. */
function load(name) {
  const filename = join(bundle, name);
  const code = join(compiled, name);
  const cachedData = isCompiled && existsSync(code) ? readFileSync(code) : undefined;
  const script = new Script(readFileSync(filename, "utf8"), { filename, ...(cachedData && { cachedData }) });
  const meta = { url: pathToFileURL(filename).href, resolve: (id) => pathToFileURL(require.resolve(id)).href, load };
  const exported = {};
  script.runInThisContext()(exported, require, meta, load);
  return exported;
}

module.exports = { compiledIn, load };
