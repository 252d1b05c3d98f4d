// A user who types one command after the other, without a new process for each:
// node cli-worker.mjs <build folder> <commands as JSON: [[program, ...argv], ...]>; writes one line of JSON for each answer.
import { join } from "node:path";
import { argv, env, stdout } from "node:process";
import { pathToFileURL } from "node:url";

const [, , build, typed] = argv;
const load = (path) => import(pathToFileURL(join(build, path)).href);
const { runProgram } = await load("cli/run.js");
const { registryOf } = await load("cli/registry.js");
const { compose } = await load("cli/compose.js");
const commands = registryOf(Object.values(await load("cli/commands/all.js")));

for (const [program, ...rest] of JSON.parse(typed)) {
  let answer = "";
  const stream = (write) => ({ isTerminal: false, columns: null, write });
  const all = new Map(Object.entries(env));
  const version = async () => "0.0.0-test";
  const host = {
    env: all,
    stdout: stream((text) => (answer += text)),
    stderr: stream(() => {}),
    version,
    now: () => new Date(),
    compose: (asked) =>
      compose({ ...asked, env: all, packageFolder: join(build, ".."), version, ask: null, writeErr: () => {} }),
    onInterrupt: () => () => {},
  };
  await runProgram(host, commands, program, [...rest, "--json"]);
  stdout.write(`${JSON.stringify(JSON.parse(answer))}\n`);
}
