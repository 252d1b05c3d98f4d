import type { Clock } from "../../src/ports/clock.ts";
import { type ProgressLog, progressLog } from "../../src/platform/progress-log.ts";
import type { Settings } from "../compose.ts";
import { concealer } from "../output/conceal.ts";
import type { Prompt } from "../prompt.ts";
import { secretsOf } from "./secrets.ts";

/** Progress on stderr: a bar on a terminal, whole lines elsewhere and where the user wants them, nothing with --json. */
export function progressOf({ args, env, err, writeErr }: Settings, clock: Clock): ProgressLog {
  const conceal = concealer(secretsOf(args, env));
  const inLines = !err.isTerminal || env.get("WAYBILL_PROGRESS") === "lines" || (env.get("CI") ?? "") !== "";
  return progressLog({
    mode: args["json"] === true ? "silent" : inLines ? "lines" : "bar",
    verbose: args["verbose"] === true,
    columns: err.columns,
    now: () => clock.now().getTime(),
    plain: err.plain,
    write: (text) => writeErr(conceal(text)),
  });
}

/** Questions on the terminal; with --json nothing is asked and nothing is said. */
export function promptOf({ args, ask, writeErr }: Settings, progress: ProgressLog): Prompt {
  const mayAsk = args["json"] === true ? null : ask;
  return {
    ask: async (question, hidden = false) => {
      progress.clear();
      return mayAsk === null ? null : mayAsk(question, hidden);
    },
    say: (text) => {
      if (mayAsk !== null) writeErr(`${text}\n`);
    },
  };
}
