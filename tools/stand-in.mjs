// Starts the stand-in for GitHub of test/github as a process of its own. Plain Node: the stand-in is TypeScript, so tsc makes it runnable.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "build", "stand-in");

/** Makes it runnable; answers the folder of its modules. */
export function buildStandIn() {
  rmSync(out, { recursive: true, force: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const built = spawnSync(process.execPath, [tsc, "-p", "tsconfig.stand-in.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (built.status !== 0) throw new Error("The stand-in for GitHub could not be built");
  const description = join("test", "github", "description");
  cpSync(join(root, description), join(out, description), { recursive: true });
  return join(out, "test", "github");
}

/** Builds and starts it; answers what it printed (`apiUrl`, `serverUrl`, `code`, `people`) and how to end it. */
export async function startStandIn() {
  const modules = buildStandIn();
  const child = spawn(process.execPath, [join(modules, "serve.js")], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const [line] = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once("line", (text) => resolve([text]))),
    ended.then(() => Promise.reject(new Error("The stand-in for GitHub ended at once"))),
  ]);
  return {
    ...JSON.parse(line),
    async stop() {
      child.stdin.end();
      // It ends with 1 where something was asked or answered that GitHub's own description does not know.
      if ((await ended) !== 0) throw new Error("The stand-in for GitHub ended with an error; it stands above");
    },
  };
}
