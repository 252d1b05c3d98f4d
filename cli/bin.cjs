#!/usr/bin/env node
// Starts a program by the name of this file. CommonJS, as all of the bundle is: the loader of ES modules costs 4 ms and one more for each file.
"use strict";
const { basename } = require("node:path");

const [major, minor] = process.versions.node.split(".").map(Number);
const program = basename(__filename, ".cjs");
const only = process.argv.length === 3 ? process.argv[2] : "";

if (major < 20 || (major === 20 && minor < 19)) {
  const why = `needs Node.js 20.19 or later; this is ${process.versions.node}`;
  // In a step of a workflow the line is an annotation, which people see without opening the log.
  const step = `::error title=Node.js is too old::Waybill ${why}. actions/setup-node gives a newer one`;
  process.stderr.write(`${program === "action" ? step : `${program} ${why}`}\n`);
  process.exitCode = 2;
} else if (only === "--version" || only === "-V") {
  // Without streams, whose start costs 3 ms.
  require("node:fs").writeSync(1, `${program} ${require("../package.json").version}\n`);
} else {
  const { load } = require("./load.cjs");
  load("index.js").main(program);
}
