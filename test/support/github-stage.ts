import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import { inProcessIntake } from "../../src/platform/intake/in-process.ts";
import { compose } from "../../cli/compose.ts";
import type { Host } from "../../cli/host.ts";
import { runProgram } from "../../cli/run.ts";
import { type Acme, startAcme } from "../github/acme.ts";
import type { GithubOptions } from "../github/server.ts";
import { allCommands } from "./run-cli.ts";
import { type Sandbox, sandboxIn } from "./sandbox.ts";

const PACKAGE = join(import.meta.dirname, "..", "..");

/** One command line: program, then what is typed after it. */
export type Line = readonly [program: string, ...argv: string[]];

/** A person or a job at a machine. */
export interface Seat {
  /** Types a command with `--json`, through the real door and composition, and answers its one object. */
  type(...line: Line): Promise<Data>;
  /** The same, which must end with 0 or with `exit`. */
  sure(line: Line, exit?: number): Promise<Data>;
  readonly machine: Sandbox;
}

/** `acme/notes` on the stand-in, set up by the tool: alice administers, bob and alice decide, carol only writes. */
export interface Stage {
  readonly acme: Acme;
  /** A machine that was never used before, with a token; what is given more is environment. */
  seat(token: string, more?: Readonly<Record<string, string>>): Seat;
  /** A job of the repository's own workflow, on a runner of its own. */
  job(more?: Readonly<Record<string, string>>): Seat;
  readonly alice: Seat;
  readonly bob: Seat;
  readonly carol: Seat;
  /** Writes a release of one file into a machine; answers the path of its manifest. */
  build(machine: Sandbox, version: string, channel?: string): string;
}

/** Runs a command in this process as the program does it: everything but reading files happens as on a user's machine. */
async function typeIn(machine: Sandbox, [program, ...argv]: Line): Promise<Data> {
  let answer = "";
  const env = new Map(
    Object.entries(machine.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  const version = async () => "0.0.0-test";
  const quiet = { isTerminal: false, columns: null, write: () => undefined };
  const host: Host = {
    env,
    stdout: {
      ...quiet,
      write: (text) => {
        answer += text;
      },
    },
    stderr: quiet,
    version,
    now: () => new Date(),
    async compose(asked) {
      const composed = await compose({
        ...asked,
        env,
        packageFolder: PACKAGE,
        version,
        ask: null,
        writeErr: () => undefined,
      });
      const { world } = composed;
      // The worker is a file of the bundle.
      return world.intake === undefined ? composed : { ...composed, world: { ...world, intake: inProcessIntake() } };
    },
    onInterrupt: () => () => undefined,
  };
  await runProgram(host, allCommands, program, [...argv, "--json"]);
  const value: unknown = JSON.parse(answer);
  if (!isData(value)) throw new Error(`not one object: ${answer}`);
  return value;
}

/** Makes it; it ends with the test, which fails where something was asked that GitHub does not know. */
export async function makeStage(
  given: { readonly apply?: boolean; readonly github?: GithubOptions } = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "waybill-stage-"));
  const acme = await startAcme({ clock: () => new Date(), ...given.github });
  onTestFinished(async () => {
    rmSync(folder, { recursive: true, force: true });
    await acme.github.stop();
  });
  let machines = 0;
  const seat: Stage["seat"] = (token, more = {}) => {
    const machine = sandboxIn(join(folder, `${(machines += 1)}`), { ...acme.env(token), ...more });
    const type: Seat["type"] = (...line) => typeIn(machine, line);
    const sure: Seat["sure"] = async (line, exit = 0) => {
      const answer = await type(...line);
      expect([answer["exit"], answer["error"] ?? null], line.join(" ")).toEqual([
        exit,
        exit === 0 ? null : expect.anything(),
      ]);
      return answer;
    };
    return { type, sure, machine };
  };
  const named = (name: string) => ({ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: `${name}@acme.example` });
  const stage: Stage = {
    acme,
    seat,
    job: (more = {}) => seat(acme.tokens.workflow, { GITHUB_ACTIONS: "true", GITHUB_WORKFLOW: "nightly", ...more }),
    alice: seat(acme.tokens.alice, named("alice")),
    bob: seat(acme.tokens.bob, named("bob")),
    carol: seat(acme.tokens.carol, named("carol")),
    build(machine, version, channel) {
      machine.write(`build/${version}/tool.bin`, `the tool, ${version}\n`);
      const artifacts = [{ platform: "linux", path: "tool.bin", variant: "x64" }];
      const asked = channel === undefined ? {} : { channel };
      return machine.write(
        `build/${version}/dist.json`,
        JSON.stringify({ app: "acme-notes", version, artifacts, ...asked }),
      );
    },
  };
  const { alice } = stage;
  await alice.sure([
    "waybill",
    "init",
    "--github",
    "--approver",
    "alice",
    ...(given.apply === true ? ["--apply"] : []),
  ]);
  const joins = await alice.type(
    "waybill",
    "gate",
    "open",
    "policy",
    "--add-approver",
    "bob=@bob",
    "--reason",
    "bob joins",
  );
  await alice.sure(["waybill", "gate", "merge", proposalOf(joins).id]);
  return stage;
}

/** A proposal as results name it. */
export interface ProposalNamed {
  readonly id: string;
  readonly number: number;
}

/** The proposal of what a command answered. */
export function proposalOf(answer: Data): ProposalNamed {
  const [id, url] = [at(answer, "result", "proposal", "id"), at(answer, "result", "proposal", "url")];
  if (typeof id !== "string" || typeof url !== "string") throw new Error(`no proposal: ${JSON.stringify(answer)}`);
  return { id, number: Number(/\/pull\/(\d+)$/.exec(url)?.[1]) };
}

/** Reads a member of an object by its path. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((one, key) => (isData(one) ? one[key] : undefined), value);
}

/** Publishes a version as a job does. */
export async function publish(stage: Stage, version: string, channel?: string): Promise<Data> {
  const job = stage.job();
  return job.type("dist", "ci", "publish", "--manifest", stage.build(job.machine, version, channel));
}

/** What a promotion of a version to stable is typed as. */
export function promotion(version: string): Line {
  return ["dist", "release", "promote", `acme-notes@${version}`, "--channel", "stable", "--reason", "tested"];
}

/** Clones the repository as anybody may, on carol's machine; answers the path. */
export async function clone({ acme, carol: { machine } }: Stage): Promise<string> {
  const path = mkdtempSync(join(machine.folder, "clone-"));
  const argv = ["clone", "--quiet", `${acme.github.serverUrl}/acme/notes.git`, path];
  // Never waited for with this process, which is the server.
  await promisify(execFile)("git", argv, { cwd: machine.folder, env: machine.env });
  return path;
}

/** How often each action stands among the events of the facts. */
export async function eventsIn({ acme: { repo } }: Stage): Promise<Readonly<Record<string, number>>> {
  const found = await repo.git(["grep", "-h", '"action": ', "refs/heads/waybill/state", "--", "audit"]);
  const counts: Record<string, number> = {};
  for (const [, action = ""] of found.matchAll(/"action": "([^"]+)"/g)) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

/** What is wrong with the history of the facts as a chain: gaps in its numbers, merges, an operation that was done twice. */
export async function historyOf({ acme: { repo } }: Stage) {
  const log = async (format: string) =>
    (await repo.git(["log", "--reverse", `--format=${format}`, "refs/heads/waybill/state"])).split("\n");
  const numbers = (await log("%(trailers:key=Waybill-Seq,valueonly,separator=%x2C)")).map(Number);
  const operations = await log("%(trailers:key=Waybill-Operation,valueonly,separator=%x2C)");
  return {
    hasGaps: numbers.some((number, i) => i > 0 && number !== (numbers[i - 1] ?? 0) + 1),
    merges: await repo.git(["rev-list", "--count", "--min-parents=2", "refs/heads/waybill/state"]),
    operationsTwice: operations.length - new Set(operations).size,
  };
}
