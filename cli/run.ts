import type { Exit } from "../src/kernel/error-catalogue.ts";
import { classOf, isRefused, type Reason, reason, ToolError } from "../src/kernel/errors.ts";
import type { AnyCommand, Args } from "./command.ts";
import type { Composed } from "./compose.ts";
import { defaultsFromEnv } from "./flags.ts";
import type { Host } from "./host.ts";
import { secretsOf } from "./compose/secrets.ts";
import { concealer, concealing } from "./output/conceal.ts";
import { errorText, warningText } from "./output/error-text.ts";
import { jsonText, resultOf } from "./output/result-json.ts";
import { answerText, nextText } from "./output/screen-text.ts";
import type { Screen } from "./screen.ts";
import { type Style, styleOf } from "./output/style.ts";
import { holds } from "./compose/world-with.ts";
import { type Asked, asksFor, parseLine, UsageError } from "./parse.ts";
import { lineOf } from "./programs.ts";

/** One run of one program: what was typed, and how to write the answer. */
interface Run {
  readonly host: Host;
  readonly commands: readonly AnyCommand[];
  readonly json: boolean;
  readonly verbose: boolean;
  readonly out: Style;
  readonly err: Style;
}

/** How a run ended, besides what its command answered. */
interface Ending {
  readonly command: string;
  readonly exit: 0 | Exit;
  readonly result?: object;
  readonly reasons?: readonly Reason[];
  readonly warnings?: readonly Reason[];
  readonly written: string;
}

const NOTHING = "nothing was written";
const REPORT = "Report it with the code, the command and the version, and run it again with --verbose for details";

/** Runs a program with what was typed after its name and answers its exit code; never throws. */
export async function runProgram(
  host: Host,
  commands: readonly AnyCommand[],
  program: string,
  argv: readonly string[],
): Promise<0 | Exit> {
  const line = lineOf(program, argv);
  const noColor = asksFor("no-color", line);
  const run: Run = {
    host,
    commands,
    json: asksFor("json", line),
    verbose: asksFor("verbose", line),
    out: styleOf(host.stdout, host.env, noColor),
    err: styleOf(host.stderr, host.env, noColor),
  };
  try {
    return await answer(run, program, parseLine(commands, line));
  } catch (error) {
    if (error instanceof UsageError) return usage(run, error);
    return end(run, { command: "", ...failure(error, run.verbose), written: NOTHING });
  }
}

async function answer(run: Run, program: string, asked: Asked): Promise<0 | Exit> {
  const { host } = run;
  if ("version" in asked) {
    const version = await host.version();
    return tell(run, `${program} ${version}\n`, { version });
  }
  if ("help" in asked) {
    const help = await helpText(run, asked.help);
    return tell(run, help, { help });
  }
  const args = withDefaults(asked.args, host.env);
  const secrets = secretsOf(args, host.env);
  const [stdout, stderr] = [concealing(host.stdout, secrets), concealing(host.stderr, secrets)];
  const conceal = concealer(secrets);
  const report = host.report && { report: (json: string) => host.report?.(conceal(json)) };
  return runCommand({ ...run, host: { ...host, stdout, stderr, ...report } }, asked.run, args);
}

/** Prints what was asked for about the programs themselves. */
function tell(run: Run, text: string, result: object): 0 {
  run.host.stdout.write(run.json ? jsonText(resultOf({ command: "", exit: 0, result })) : text);
  return 0;
}

async function helpText(run: Run, show: AnyCommand | readonly string[]): Promise<string> {
  const { helpOf, overviewOf } = await import("./help.ts");
  return run.out.plain("path" in show ? helpOf(show) : overviewOf(run.commands, show));
}

/** Fills flags that were not given from the environment. */
export function withDefaults(args: Args, env: ReadonlyMap<string, string>): Args {
  const found = Object.entries(defaultsFromEnv).flatMap(([flag, name]) => {
    const value = env.get(name) ?? "";
    return value === "" ? [] : [[flag, value] as const];
  });
  return { ...Object.fromEntries(found), ...args };
}

async function runCommand(run: Run, command: AnyCommand, args: Args): Promise<0 | Exit> {
  let composed: Composed | undefined;
  let release = (): void => undefined;
  const ended = (parts: Partial<Ending>): Ending => {
    composed?.progress.clear();
    const warnings = [...(composed?.warnings ?? []), ...(parts.warnings ?? [])];
    return { exit: 0, ...parts, command: command.path, written: composed?.written() ?? NOTHING, warnings };
  };
  try {
    release = run.host.onInterrupt(() => {
      const stopped = interruption(composed?.progress.position() ?? null);
      end(run, ended({ exit: classOf(stopped.code).exit, reasons: [stopped] }));
    });
    composed = await run.host.compose({ command, args, err: run.err });
    const { world } = composed;
    const done = ended(await answerOf(world, command, args));
    const screen =
      run.json || done.result === undefined ? null : await command.screen(done.result, run.host.now(), args);
    return end(run, done, screen);
  } catch (error) {
    return end(run, ended(failure(error, run.verbose)));
  } finally {
    release();
    await composed?.close();
  }
}

async function answerOf(world: Composed["world"], command: AnyCommand, args: Args): Promise<Partial<Ending>> {
  if (!holds(world, command.needs)) throw new Error(`The world lacks what ${command.path} needs`);
  const answered = await command.run(world, args);
  if (isRefused(answered)) return { exit: classOf(answered.refused[0].code).exit, reasons: answered.refused };
  const { exit, result, error, warnings = [] } = answered;
  return { exit, result, warnings, ...(error === undefined ? {} : { reasons: [error] }) };
}

/** Writes how a run ended: one object with --json; else warnings, then the screen or, where there is none, the error. */
function end(run: Run, ending: Ending, screen: Screen | null = null): 0 | Exit {
  const { stdout, stderr } = run.host;
  const json = run.json || run.host.report ? jsonText(resultOf(ending)) : "";
  run.host.report?.(json);
  if (run.json) {
    stdout.write(json);
    return ending.exit;
  }
  for (const warning of ending.warnings ?? []) stderr.write(warningText(warning, run.err));
  const [first, ...more] = ending.reasons ?? [];
  if (screen !== null) {
    stdout.write(answerText(screen, run.out));
    stderr.write(nextText(screen, run.err));
  } else if (first !== undefined && ending.exit !== 0) {
    stderr.write(errorText([first, ...more], ending.exit, ending.written, run.verbose, run.err));
  }
  return ending.exit;
}

/** Wrong usage: what is wrong, below how it is used where something is missing. */
async function usage(run: Run, error: UsageError): Promise<0 | Exit> {
  const { exit } = classOf(error.code);
  const command = error.show !== null && "path" in error.show ? error.show.path : "";
  if (!run.json && error.code === "usage.missing_argument" && error.show !== null) {
    run.host.stderr.write(await helpText(run, error.show));
    if (command === "") return exit;
  }
  return end(run, { command, exit, reasons: [error], written: NOTHING });
}

/** Turns what was thrown into a reason; what is no error of ours is a bug of ours. */
function failure(error: unknown, verbose: boolean): Required<Pick<Ending, "exit" | "reasons">> {
  if (error instanceof ToolError) {
    const cause = verbose && error.cause instanceof Error ? { cause: error.cause.message } : {};
    const { code, message, data, hints } = error;
    return { exit: classOf(code).exit, reasons: [{ code, message, data: { ...data, ...cause }, hints }] };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = verbose && error instanceof Error ? { stack: error.stack ?? "" } : {};
  const bug = reason("internal.bug", `This should not happen: ${message}`, stack, REPORT);
  return { exit: classOf(bug.code).exit, reasons: [bug] };
}

function interruption(position: string | null): Reason {
  const at = position === null ? "Stopped" : `Stopped at ${position}`;
  return reason("usage.interrupted", at, position === null ? {} : { at: position }, "Run the same command to go on");
}
