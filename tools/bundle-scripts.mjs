// Makes of the files of a bundle what cli/load.cjs loads: the text of one function each, and the code that V8 compiles of it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { compiledIn } from "../cli/load.cjs";

/** What the bundler writes for ES modules, and the same in a function of `exported, require, meta, load`. */
const asFunction = [
  [/^export const (id|ids|modules) = /gm, "exported.$1 = "],
  [/^import \{ createRequire as (\w+) \} from "module";$/m, "const $1 = () => require;"],
  [/^export \{ (\w+) as main \};$/m, "exported.main = $1;"],
  [/\bimport\.meta\b/g, "meta"],
  [/\bimport\("\.\/" \+ (__nccwpck_require__\.u\(chunkId\))\)/, "Promise.resolve($1).then(load)"],
];

/** Modules are written as arrow functions, which V8 parses when it reads a file and again when it calls them; functions in brackets it compiles at once. */
const moduleAsArrow = /^(\/\*{3}\/ )\(\((.*)\) => \{$/gm;

/** One such character makes V8 keep a whole file in twice the memory. An escape means the same, unless a backslash stands before it. */
const beyondAscii = /[^\x00-\x7f]/g;
const behindBackslash = /\\[^\x00-\x7f]/;
const escaped = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Rewrites the bundle in a folder. */
export function makeScripts(folder) {
  const unseen = new Set(asFunction.map(([pattern]) => pattern));
  for (const name of filesOf(folder)) {
    let text = readFileSync(join(folder, name), "utf8").replace(moduleAsArrow, "$1(function($2) {");
    for (const [pattern, inFunction] of asFunction) {
      const next = text.replace(pattern, inFunction);
      if (next !== text) unseen.delete(pattern);
      text = next;
    }
    if (!behindBackslash.test(text)) text = text.replace(beyondAscii, escaped);
    writeFileSync(join(folder, name), `(function (exported, require, meta, load) {"use strict";${text}\n})`);
  }
  if (unseen.size > 0) throw new Error(`ncc no longer writes ${[...unseen].join(", ")}: see makeScripts`);
}

/**
 * Compiles for this V8 what most commands load: the main file, those of the named chunks, and validators. They are compiled whole, since which
 * of their functions a command calls is not known. All files would make the package three times as large.
 */
export function compileScripts(folder, chunks) {
  const validators = readdirSync(join(folder, "validators")).map((name) => `validators/${name}`);
  const names = ["index.js", ...filesWith(folder, chunks), ...validators];
  const compiled = compiledIn(folder);
  mkdirSync(join(compiled, "validators"), { recursive: true });
  const scriptOf = (name) => new Script(readFileSync(join(folder, name), "utf8"), { filename: join(folder, name) });
  setFlagsFromString("--no-lazy");
  const scripts = names.map(scriptOf);
  // Code is taken by a V8 with the same flags only.
  setFlagsFromString("--lazy");
  for (const [i, name] of names.entries()) writeFileSync(join(compiled, name), scripts[i].createCachedData());
}

/** Files that are loaded for chunks, by the comments that the bundler leaves. */
function filesWith(folder, chunks) {
  const asked = new RegExp(`/\\* import\\(\\) \\| (?:${chunks.join("|")}) \\*/(.*?)\\.then\\(`, "g");
  const texts = filesOf(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const found = texts.flatMap((text) => [...text.matchAll(asked)].flatMap(([, ids]) => ids.match(/\d+(?=\))/g) ?? []));
  if (found.length === 0) throw new Error("ncc says in another way what a chunk needs: see filesWith");
  return [...new Set(found)].map((id) => `${id}.index.js`);
}

function filesOf(folder) {
  return readdirSync(folder).filter((name) => name.endsWith("index.js"));
}
