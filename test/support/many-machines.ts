import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { isData, type Data } from "../../src/kernel/json.ts";
import { makeSandbox, type Sandbox } from "./sandbox.ts";

const BUILD = join(import.meta.dirname, "..", "..", "build");
const WORKER = join(import.meta.dirname, "cli-worker.mjs");

/** One command line: program, then what is typed after it. */
export type Line = readonly [program: string, ...argv: string[]];

/** A bare repository with one person, Alice, who may decide alone, and one app. */
export interface Ground {
  readonly machine: Sandbox;
  readonly repository: string;
  readonly store: string;
  /** A manifest of small files in a folder of its own. */
  manifest(version: string, contents: Readonly<Record<string, string>>, channel?: string): string;
  /** The result of a command that must end with 0, or with `exit`. */
  sure(line: Line, exit?: number): Promise<Data>;
  /** Runs git in the repository; answers its output without the last line break. */
  git(...argv: readonly string[]): string;
}

/** Makes the repository, by the built programs. */
export async function makeGround(): Promise<Ground> {
  const machine = makeSandbox();
  const repository = machine.path("repo.git");
  const store = machine.path("store");
  Object.assign(machine.env, { DIST_SERVER: repository, DIST_LOCAL_STORE: store });
  let builds = 0;
  const ground: Ground = {
    machine,
    repository,
    store,
    manifest(version, contents, channel) {
      const folder = machine.path("builds", `${(builds += 1)}`);
      mkdirSync(folder, { recursive: true });
      const artifacts = Object.entries(contents).map(([path, content]) => {
        writeFileSync(join(folder, path), content);
        return { platform: "linux", path, variant: path.replace(/\W/g, "-") };
      });
      const asked = channel === undefined ? {} : { channel };
      writeFileSync(join(folder, "dist.json"), JSON.stringify({ app: "acme", version, ...asked, artifacts }));
      return join(folder, "dist.json");
    },
    async sure([program, ...argv], exit = 0) {
      const answer = await machine.json(program, ...argv);
      if (answer["exit"] !== exit) throw new Error(`${argv.join(" ")}: ${JSON.stringify(answer["error"])}`);
      return isData(answer["result"]) ? answer["result"] : {};
    },
    git: (...argv) => machine.git("-C", repository, ...argv).trimEnd(),
  };
  await ground.sure(["waybill", "keys", "new", "alice", "--no-passphrase"]);
  const key = machine.path("config", "waybill", "keys", "alice.pub");
  await ground.sure(["waybill", "init", repository, "--approver", "alice", "--key", key]);
  machine.git("-C", repository, "config", "http.receivepack", "true");
  await ground.sure(["dist", "app", "create", "acme", "--name", "Acme"]);
  return ground;
}

/** Runs command lines one after the other in a process of its own; answers what each said. */
export function worker(
  ground: Ground,
  lines: readonly Line[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Data[]> {
  const child = spawn(execPath, [WORKER, BUILD, JSON.stringify(lines)], {
    cwd: ground.machine.folder,
    env: { ...ground.machine.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let out = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) reject(new Error(errors));
      else
        resolve(
          out
            .trimEnd()
            .split("\n")
            .map((line): unknown => JSON.parse(line))
            .filter(isData),
        );
    });
  });
}

/** What stands on the facts' branch, as plain git sees it: is it one line, counted without gaps, of whole objects? */
export function historyOf(ground: Ground) {
  const log = (format: string) => ground.git("log", "--reverse", `--format=${format}`, "waybill/state").split("\n");
  const numbers = log("%(trailers:key=Waybill-Seq,valueonly,separator=%x2C)").map(Number);
  const operations = log("%(trailers:key=Waybill-Operation,valueonly,separator=%x2C)");
  return {
    hasGaps: numbers.some((number, i) => i > 0 && number !== (numbers[i - 1] ?? 0) + 1),
    merges: ground.git("rev-list", "--count", "--min-parents=2", "waybill/state"),
    operationsTwice: operations.length - new Set(operations).size,
    fsck: ground.git("fsck", "--strict", "--no-dangling"),
  };
}

/** Actions of every event on the facts' branch, counted. */
export function eventsOf(ground: Ground): Readonly<Record<string, number>> {
  const found = ground.git("grep", "-h", '"action": ', "waybill/state", "--", "audit");
  const counts: Record<string, number> = {};
  for (const [, action = ""] of found.matchAll(/"action": "([^"]+)"/g)) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

/** The whole proof: history, documents and bytes. */
export async function verified(ground: Ground): Promise<readonly unknown[]> {
  const answer = await ground.machine.json("waybill", "state", "verify", "--full", "--artifacts");
  return [answer["exit"], answer["error"] ?? null];
}
