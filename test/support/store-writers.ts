import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { createInterface } from "node:readline";
import { testEnv } from "./native-under-test.ts";

/** The compiled sources, which a process of its own runs. */
export const BUILD = env["WAYBILL_TEST_BUILD"] ?? join(import.meta.dirname, "..", "..", "build");
/** The program of one writer. */
export const WORKER = join(import.meta.dirname, "store-worker.mjs");

/** What a writer does, and where. */
export interface WriterPlan {
  readonly driver: "native" | "portable";
  readonly location: string;
  /** Folder that is home and holds the cache. */
  readonly home: string;
  readonly name: string;
  readonly operations: number;
  /** Every so many operations one changes a document that all writers share. */
  readonly shared: number;
}

/** A writer in a process of its own. */
export interface Writer {
  readonly child: ChildProcess;
  readonly started: ReadonlySet<string>;
  /** Operations that it was told of that they landed, with their commits. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Resolves at its end; rejects where it failed by itself. */
  readonly ended: Promise<void>;
}

/** Starts a writer; `seen` hears how many operations were acknowledged so far. */
export function startWriter(plan: WriterPlan, seen: (count: number, child: ChildProcess) => void = () => {}): Writer {
  const given = { ...plan, build: BUILD, cache: join(plan.home, "cache") };
  const child = spawn(execPath, [WORKER, JSON.stringify(given)], {
    env: Object.fromEntries(testEnv(plan.home)),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const started = new Set<string>();
  const acknowledged = new Map<string, string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [what, operation = "", commit = ""] = line.split(" ");
    if (what === "start") started.add(operation);
    else acknowledged.set(operation, commit);
    if (what === "done") seen(acknowledged.size, child);
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      code === 0 || signal === "SIGKILL" ? resolve() : reject(new Error(`${plan.name}: ${errors}`)),
    );
  });
  return { child, started, acknowledged, ended };
}
