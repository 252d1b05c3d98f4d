import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { ToolError } from "../../kernel/errors.ts";

/** How git is started: the program, and the caller's environment without any `GIT_*`. */
export interface Git {
  readonly program: string;
  /** Where it is started; without one, where we are. */
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a finished git process said. */
export interface GitResult {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Protocols that a remote may be reached by; helpers such as `ext::` run commands. */
const PROTOCOLS = "file:git:http:https:ssh";
/** Longest that a fetch or push may take, so that a remote which says nothing does not hold a command for ever. */
const TRANSPORT_MS = 600_000;
const MAX_STDERR = 64 * 1024;
const MAX_STDOUT = 64 * 1024 * 1024;

/** Settings that no configuration of a repository or user may change. */
const FIXED = Object.entries({
  "core.commitGraph": "false",
  "core.fsmonitor": "false",
  "core.hooksPath": "/dev/null",
  "core.pager": "cat",
  "gc.auto": "0",
  "http.lowSpeedLimit": "1000",
  "http.lowSpeedTime": "30",
  "maintenance.auto": "false",
  "push.followTags": "false",
}).flatMap(([key, value]) => ["-c", `${key}=${value}`]);

/**
 * Takes over an environment: no `GIT_*` of the caller, plain messages, no prompts, no replace refs. `settings` of ours travel in the
 * environment, where no list of processes shows them.
 */
export function gitOf(
  env: ReadonlyMap<string, string>,
  program = "git",
  settings: readonly (readonly [name: string, value: string])[] = [],
): Git {
  const kept = [...env].filter(([name]) => !/^GIT_/i.test(name));
  return {
    program,
    env: {
      ...Object.fromEntries(kept),
      LC_ALL: "C",
      GIT_ADVICE: "0",
      GIT_ASKPASS: "",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_TERMINAL_PROMPT: "0",
      ...environmentOf(settings),
    },
  };
}

/** The same git with more settings of ours, which win over those of any configuration. */
export function withSettings(git: Git, settings: readonly (readonly [name: string, value: string])[]): Git {
  const count = Number(git.env["GIT_CONFIG_COUNT"] ?? 0);
  return { ...git, env: { ...git.env, ...environmentOf(settings, count) } };
}

function environmentOf(
  settings: readonly (readonly [name: string, value: string])[],
  count = 0,
): Readonly<Record<string, string>> {
  if (settings.length === 0) return {};
  const pairs = settings.flatMap(([name, value], i): readonly (readonly [string, string])[] => [
    [`GIT_CONFIG_KEY_${count + i}`, name],
    [`GIT_CONFIG_VALUE_${count + i}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(count + settings.length), ...Object.fromEntries(pairs) };
}

/** Starts git on a repository. `reader` processes never reach a network: a partial clone does not fetch behind our back. */
export function startGit(
  git: Git,
  gitDir: string | null,
  args: readonly string[],
  network: "reader" | "transport",
): ChildProcessWithoutNullStreams {
  const place = gitDir === null ? [] : [`--git-dir=${gitDir}`];
  const reach =
    network === "reader" ? { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "" } : { GIT_ALLOW_PROTOCOL: PROTOCOLS };
  return spawn(git.program, [...place, ...FIXED, ...args], {
    env: { ...git.env, ...reach },
    stdio: "pipe",
    ...(git.cwd === undefined ? {} : { cwd: git.cwd }),
    ...(network === "transport" ? { timeout: TRANSPORT_MS } : {}),
  });
}

/** Ends a git that only reads, without waiting until it has gone: to give back a large pack takes it 5 ms and more. */
export function letGo(child: ChildProcessWithoutNullStreams): void {
  child.kill("SIGKILL");
  child.unref();
  for (const stream of child.stdio) stream?.destroy();
}

/** Runs git to its end, with a text to read. Throws only where it cannot be started or says too much; a status is an answer. */
export function runGit(
  git: Git,
  gitDir: string | null,
  args: readonly string[],
  network: "reader" | "transport" = "reader",
  input = "",
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = startGit(git, gitDir, args, network);
    const out: Buffer[] = [];
    let outBytes = 0;
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      outBytes += chunk.length;
      if (outBytes <= MAX_STDOUT) out.push(chunk);
      else child.kill();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < MAX_STDERR) stderr += chunk.toString("utf8");
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input, "latin1");
    child.on("error", (cause) => reject(noGit(git, cause)));
    child.on("close", (status) => resolve({ status, stdout: Buffer.concat(out), stderr }));
  });
}

/** Git itself could not be started. */
export function noGit(git: Git, cause: unknown): ToolError {
  return new ToolError("state.repository.unsupported", `The program ${git.program} cannot be started`, {
    data: { program: git.program },
    hints: ["Install Git 2.34 or later"],
    cause,
  });
}
