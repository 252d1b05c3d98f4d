// Starts programs of the built bundle, and does to some of them what happens to processes: they are killed, or stopped for a while.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = (program) => fileURLToPath(new URL(`../../dist/bin/${program}.cjs`, import.meta.url));
const clock = fileURLToPath(new URL("clock.cjs", import.meta.url));
/** A command that runs for so long hangs; what was stopped has that time besides. */
const HANGS_MS = 180_000;
/** How long what a program wrote is waited for once it has ended. */
const ORPHAN_MS = 2000;

/**
 * Runs a command line with `--json`; answers its exit, its one object, and what was done to it. It leads a process group of its own,
 * so that a kill can take git with it, or leave git alone behind.
 */
export async function runProgram([program, ...argv], { cwd, env, fate = null, clockMs = 0 }) {
  const began = performance.now();
  const child = spawn(process.execPath, ["--require", clock, bin(program), ...argv, "--json"], {
    ...{ cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    env: { ...env, WAYBILL_SOAK_CLOCK_MS: String(Math.round(clockMs)) },
  });
  const done = textOf(child);
  const timers = fate === null ? [] : suffer(child, fate);
  let hung = false;
  timers.push(setTimeout(() => (hung = signal(-child.pid, "SIGKILL")), HANGS_MS + (fate?.stopMs ?? 0)));
  const { exit, killed, stdout, stderr } = await done;
  for (const timer of timers) clearTimeout(timer);
  // What a stop left behind goes on, and what a kill orphaned ends by itself.
  signal(-child.pid, "SIGCONT");
  return { exit, killed, hung, answer: answerOf(stdout), stderr, ms: performance.now() - began };
}

/** Runs git to its end; answers its output, and throws with its errors unless another exit is awaited. */
export async function git(cwd, env, ...argv) {
  const { exit, stdout, stderr } = await textOf(spawn("git", argv, { cwd, env, stdio: ["ignore", "pipe", "pipe"] }));
  if (exit !== 0) throw new Error(`git ${argv.join(" ")}: ${stderr}`);
  return stdout;
}

function textOf(child) {
  const out = [];
  const errors = [];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => errors.push(chunk));
  const ended = (exit, killed) => ({
    ...{ exit, killed },
    ...{ stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(errors)) },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit, killed) => resolve(ended(exit, killed)));
    // An orphan may hold the pipes open long after the program has ended.
    child.on("exit", (exit, killed) => setTimeout(() => resolve(ended(exit, killed)), ORPHAN_MS).unref());
  });
}

function suffer(child, { afterMs, stopMs, kill }) {
  const to = kill === "alone" ? child.pid : -child.pid;
  if (kill !== null) return [setTimeout(() => signal(to, "SIGKILL"), afterMs)];
  return [
    setTimeout(() => signal(-child.pid, "SIGSTOP"), afterMs),
    setTimeout(() => signal(-child.pid, "SIGCONT"), afterMs + stopMs),
  ];
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function answerOf(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}
