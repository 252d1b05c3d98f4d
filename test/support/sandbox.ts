import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";

const bin = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "dist", "bin");

/** What a program wrote and answered. */
export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's machine in a temporary folder: own home, cache and keys, no git configuration of anybody else's. */
export interface Sandbox {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  path(...parts: readonly string[]): string;
  write(path: string, content: string | Uint8Array): string;
  /** Runs a program of the built bundle, from the sandbox's folder. */
  run(program: string, ...argv: readonly string[]): Promise<Ran>;
  /** The same with `--json`: the one object of stdout. */
  json(program: string, ...argv: readonly string[]): Promise<Data>;
  git(...argv: readonly string[]): string;
}

/** Makes a sandbox that is removed at the end of the test. */
export function makeSandbox(more: Readonly<Record<string, string>> = {}): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), "waybill-e2e-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return sandboxIn(folder, more);
}

/** The machine of somebody with a name, in a folder of that name that the caller removes. */
export function machineOf(folder: string, name: string, more: Readonly<Record<string, string>>): Sandbox {
  mkdirSync(join(folder, name), { recursive: true });
  const identity = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: `${name}@acme.example` };
  return sandboxIn(join(folder, name), { ...identity, ...more });
}

/** A user's machine in a folder that the caller removes. */
export function sandboxIn(folder: string, more: Readonly<Record<string, string>> = {}): Sandbox {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    HOME: join(folder, "home"),
    XDG_CACHE_HOME: join(folder, "cache"),
    XDG_CONFIG_HOME: join(folder, "config"),
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "Alice",
    GIT_AUTHOR_EMAIL: "alice@example.org",
    GIT_COMMITTER_NAME: "Alice",
    GIT_COMMITTER_EMAIL: "alice@example.org",
    ...more,
  };
  mkdirSync(join(folder, "home"), { recursive: true });
  const sandbox: Sandbox = {
    folder,
    env,
    path: (...parts) => join(folder, ...parts),
    write(path, content) {
      const full = join(folder, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      return full;
    },
    run: (program, ...argv) => start(join(bin, `${program}.cjs`), argv, folder, env),
    async json(program, ...argv) {
      const ran = await this.run(program, ...argv, "--json");
      const value: unknown = JSON.parse(ran.stdout);
      if (!isData(value)) throw new Error(`not one object: ${ran.stdout}`);
      return value;
    },
    git: (...argv) =>
      execFileSync("git", argv, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
  };
  return sandbox;
}

function start(script: string, argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...argv], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({
        exit: code ?? -1,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
      });
    });
  });
}
