import { expect } from "vitest";
import type { AnyCommand } from "../../cli/command.ts";
import * as all from "../../cli/commands/all.ts";
import { Journal } from "../../cli/compose/journal.ts";
import type { Host, Stream } from "../../cli/host.ts";
import { registryOf } from "../../cli/registry.ts";
import { runProgram } from "../../cli/run.ts";
import type { World } from "../../cli/world.ts";
import { progressLog } from "../../src/platform/progress-log.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import type { CommandResultV1 } from "../../src/schema/types.gen.ts";
import { TEST_NOW } from "./world.ts";

/** How a program is run in process. */
export interface CliOptions {
  readonly program?: string;
  readonly commands?: readonly AnyCommand[];
  /** Parts of the world that commands get; `makeWorld()` has all. */
  readonly world?: Partial<World>;
  readonly env?: Readonly<Record<string, string>>;
  /** Columns of a terminal; without it both streams are pipes. */
  readonly columns?: number;
}

/** What a program wrote and answered. */
export interface CliRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Every command of this version. */
export const allCommands: readonly AnyCommand[] = registryOf(Object.values(all));

const schemas = loadSchemas();

/** Runs a program in this process, with a world that the test brings. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const env = new Map(Object.entries(options.env ?? {}));
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written): Stream => ({
    isTerminal: options.columns !== undefined,
    columns: options.columns ?? null,
    write: (text) => {
      written[name] += text;
    },
  });
  const host: Host = {
    env,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    version: async () => "0.0.0-test",
    now: () => options.world?.clock?.now() ?? new Date(TEST_NOW),
    onInterrupt: () => () => undefined,
    async compose({ args, err }) {
      const journal = new Journal();
      const { store, files, artifacts, keys, ground } = options.world ?? {};
      const watched = store && journal.store(store, args["dry-run"] === true);
      return {
        world: {
          ...options.world,
          ...(watched && { store: watched }),
          ...(watched && ground && groundsOn({ ...ground, store: watched })),
          ...(files && { files: journal.files(files) }),
          ...(artifacts && { artifacts: journal.artifacts(artifacts) }),
          ...(keys && { keys: journal.keys(keys) }),
          env,
        },
        progress: progressLog({
          mode: "silent",
          verbose: false,
          columns: 100,
          now: () => 0,
          plain: err.plain,
          write: () => undefined,
        }),
        warnings: [],
        written: () => journal.text(),
        close: async () => undefined,
      };
    },
  };
  const exit = await runProgram(host, options.commands ?? allCommands, options.program ?? "waybill", argv);
  return { exit, ...written };
}

function groundsOn(ground: World["ground"]): Pick<World, "ground" | "openGround"> {
  return { ground, openGround: async () => ground };
}

/** Runs a program with `--json` and answers its one object, held against its schema. */
export async function runJson(argv: readonly string[], options: CliOptions = {}): Promise<CommandResultV1> {
  const run = await runCli([...argv, "--json"], options);
  const result = schemas.check("command-result.v1", JSON.parse(run.stdout), "stdout");
  expect(result.exit).toBe(run.exit);
  return result;
}
