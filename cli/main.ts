import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { ToolError } from "../src/kernel/errors.ts";
import { isData } from "../src/kernel/json.ts";
import type { AnyCommand } from "./command.ts";
import type { Host, Stream } from "./host.ts";
import { registryOf } from "./registry.ts";
import { runProgram } from "./run.ts";
import * as commands from "./commands/all.ts";

/** The package's folder: this file is `cli/main.ts` in sources and `dist/index.js` in the bundle. */
const packageUrl = "..";

/** Runs a program as this process: the only place that reads argv, environment, streams and signals. */
export async function main(program: string): Promise<void> {
  const [stdout, stderr] = [streamOf(process.stdout), streamOf(process.stderr)];
  const registry = registryOf(Object.values(commands));
  process.exitCode =
    program === "action"
      ? await step(stdout, stderr, registry)
      : await runProgram(hostOf(stdout, stderr), registry, program, process.argv.slice(2));
}

/** Runs as a step of a workflow, where every line of both streams is read by the runner. */
async function step(stdout: Stream, stderr: Stream, registry: readonly AnyCommand[]): Promise<number> {
  const { runAction } = await import("./action.ts");
  const { commandless } = await import("./action/commandless.ts");
  const { toolkitRunner } = await import("./action/toolkit.ts");
  const [out, err] = [commandless(stdout), commandless(stderr)];
  const host = hostOf(out, err);
  try {
    return await runAction(host, registry, toolkitRunner(host.env));
  } finally {
    out.flush();
    err.flush();
  }
}

function hostOf(stdout: Stream, stderr: Stream): Host {
  const env = new Map(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  if (!env.has("USER")) env.set("USER", loginName());
  const packageFolder = fileURLToPath(new URL(packageUrl, import.meta.url));
  const version = async (): Promise<string> => {
    const manifest: unknown = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
    const found = isData(manifest) ? manifest["version"] : undefined;
    return typeof found === "string" ? found : "unknown";
  };
  return {
    env,
    stdout,
    stderr,
    now: () => new Date(),
    version,
    async compose(asked) {
      const { compose } = await import("./compose.ts");
      const ask = process.stdin.isTTY && stderr.isTerminal ? askOnTerminal : null;
      return compose({ ...asked, env, packageFolder, version, ask, writeErr: (text) => stderr.write(text) });
    },
    onInterrupt(stopped) {
      const handler = (signal: NodeJS.Signals) => {
        release();
        stopped();
        // Dies of the signal itself, so that a shell which runs us in a loop stops too.
        process.kill(process.pid, signal);
      };
      const release = () => {
        process.off("SIGINT", handler);
        process.off("SIGTERM", handler);
      };
      process.on("SIGINT", handler);
      process.on("SIGTERM", handler);
      return release;
    },
  };
}

/** Name of the account, for machines that set no USER; a container's user may have none. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

function streamOf(stream: NodeJS.WriteStream): Stream {
  // A reader that went away, as `head` does, is no error of ours.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    isTerminal: stream.isTTY,
    // A terminal that does not know its width says 0.
    columns: stream.isTTY && stream.columns > 0 ? stream.columns : null,
    write: (text) => {
      stream.write(text);
    },
  };
}

/** Asks for one line; hidden input is not echoed. Throws `usage.interrupted` where the input ends without one. */
async function askOnTerminal(question: string, hidden: boolean): Promise<string> {
  const { createInterface } = await import("node:readline");
  process.stderr.write(question);
  const output = hidden ? {} : { output: process.stderr };
  const reader = createInterface({ input: process.stdin, terminal: true, ...output });
  return new Promise((resolve, reject) => {
    reader.once("line", (line) => {
      resolve(line);
      reader.close();
    });
    // The reader takes the key away from the terminal, so the signal is sent on.
    reader.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
    reader.once("close", () => {
      if (hidden) process.stderr.write("\n");
      reject(new ToolError("usage.interrupted", "There was no answer", { hints: ["Run the same command to go on"] }));
    });
  });
}
