import type { Exit } from "../src/kernel/error-catalogue.ts";
import { classOf, ToolError } from "../src/kernel/errors.ts";
import { isData } from "../src/kernel/json.ts";
import { nearest } from "../src/kernel/nearest.ts";
import { printable } from "../src/kernel/text.ts";
import type { AnyAction } from "./action/action.ts";
import { lineOfInputs, truthOf } from "./action/inputs.ts";
import type { Runner } from "./action/runner.ts";
import { tellRunner } from "./action/tell.ts";
import { startSync } from "./action/sync.ts";
import * as all from "./actions/all.ts";
import type { AnyCommand } from "./command.ts";
import { secretsOf } from "./compose/secrets.ts";
import type { Host } from "./host.ts";
import { errorText } from "./output/error-text.ts";
import { jsonText, resultOf } from "./output/result-json.ts";
import { styleOf } from "./output/style.ts";
import { runProgram } from "./run.ts";

/** Layout of the log, which people read although it is no terminal. */
const LOG_COLUMNS = "120";

/** Every action of this version, by name. */
export const actions: readonly AnyAction[] = Object.values(all);

/** What an action was asked for, besides the inputs of its command. */
interface Asked {
  readonly action: AnyAction;
  readonly line: readonly string[];
  readonly summary: boolean;
  /** Exits that are no failure of the step. */
  readonly green: readonly number[];
}

/**
 * Runs the action that the environment names as one step of a workflow, and answers its exit code. The same command runs as on a
 * terminal; its text goes to the log, its object to the outputs, and a summary and annotations to the runner.
 */
export async function runAction(host: Host, commands: readonly AnyCommand[], runner: Runner): Promise<0 | Exit> {
  for (const secret of secretsOf({}, host.env)) runner.mask(secret);
  const env = new Map([["WAYBILL_COLUMNS", LOG_COLUMNS], ...host.env]);
  let told = "";
  const watched: Host = { ...host, env, report: (json) => (told = json) };
  const asked = askedBy(env);
  const exit =
    asked instanceof ToolError
      ? refuseUsage(watched, asked)
      : await runProgram(watched, commands, "waybill", asked.line);
  const object: unknown = JSON.parse(told);
  if (!isData(object)) throw new Error("A command told no object");
  if (asked instanceof ToolError) {
    await tellRunner(runner, null, object, { env, now: host.now(), summary: true, isGreen: false });
    return exit;
  }
  // Without a result it is not a check that could not find out, but the command.
  const isGreen = asked.green.includes(exit) && (exit !== 4 || isData(object["result"]));
  await tellRunner(runner, asked.action, object, { env, now: host.now(), summary: asked.summary, isGreen });
  await startSync(watched, asked.action, object);
  return isGreen ? 0 : exit;
}

/** Reads what is asked for; an error where an input cannot mean anything. */
function askedBy(env: ReadonlyMap<string, string>): Asked | ToolError {
  try {
    const action = actionOf((env.get("WAYBILL_ACTION") ?? "").trim());
    const failsOn = (what: string) => truthOf(env, `WAYBILL_FAIL_ON_${what.toUpperCase()}`, `fail-on-${what}`) ?? false;
    const isUnknownGreen = action.mayNotKnow === true && !failsOn("unknown");
    return {
      action,
      line: lineOfInputs(action, env),
      summary: truthOf(env, "WAYBILL_SUMMARY", "summary") ?? true,
      green: [0, ...(failsOn("waiting") ? [] : [3]), ...(isUnknownGreen ? [4] : [])],
    };
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}

function actionOf(path: string): AnyAction {
  const paths = actions.map(({ command }) => command.path);
  const found = actions.find(({ command }) => command.path === path);
  if (found !== undefined) return found;
  const meant = nearest(path, paths);
  throw new ToolError("usage.unknown_command", `"${printable(path)}" is no command that an action runs`, {
    hints: [meant === undefined ? `One of: ${paths.join(", ")}` : `Did you mean: ${meant}`],
  });
}

function refuseUsage(host: Host, error: ToolError): Exit {
  const { exit } = classOf(error.code);
  host.report?.(jsonText(resultOf({ command: "", exit, reasons: [error] })));
  host.stderr.write(errorText([error], exit, "nothing was written", false, styleOf(host.stderr, host.env, true)));
  return exit;
}
