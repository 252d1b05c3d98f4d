import { ToolError } from "../../src/kernel/errors.ts";
import { printable } from "../../src/kernel/text.ts";
import type { Flag } from "../command.ts";
import { dryRun, everywhere } from "../flags.ts";
import type { AnyAction } from "./action.ts";

/** What inputs are made from. */
type Asking = Pick<AnyAction, "command" | "without" | "also">;

/** An input of an action: the flag or positional of the same name. */
export interface Input {
  readonly name: string;
  readonly flag: Flag;
  readonly isPositional: boolean;
}

/** Inputs of an action besides those of all: what its command has itself, and of the flags of all commands what it asks for too. */
export function inputsOf({ command, without = [], also = [] }: Asking): readonly Input[] {
  const positionals = (command.positionals ?? []).map(({ name, describe, many, optional }): Input => {
    const flag: Flag = {
      type: "string",
      describe,
      ...(many ? { array: true } : {}),
      ...(optional ? {} : { demandOption: true }),
    };
    return { name, flag, isPositional: true };
  });
  const own = Object.entries({ ...command.options, ...(command.writes ? dryRun : {}) });
  const flags = [...own, ...also.map((name) => [name, everywhere[name]] as const)];
  const inputs = [...positionals, ...flags.map(([name, flag]) => ({ name, flag, isPositional: false }))];
  return inputs.filter(({ name }) => !without.includes(name));
}

/** Environment variable that carries an input: a shell drops names with a hyphen. */
export function variableOf(name: string): string {
  return `INPUT_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Reads a yes or no; undefined where nothing is set. Throws `usage.invalid_argument`. */
export function truthOf(env: ReadonlyMap<string, string>, variable: string, input: string): boolean | undefined {
  const value = (env.get(variable) ?? "").trim();
  if (value === "") return undefined;
  if (value === "true" || value === "false") return value === "true";
  throw new ToolError("usage.invalid_argument", `Input ${input} is true or false, not "${printable(value)}"`);
}

/** What would have been typed for the inputs that are set; a value is always behind `=` or after `--`, so that it is no flag. */
export function lineOfInputs(asking: Asking, env: ReadonlyMap<string, string>): readonly string[] {
  const flags: string[] = [];
  const positionals: string[] = [];
  for (const { name, flag, isPositional } of inputsOf(asking)) {
    if (flag.type === "boolean") {
      if (truthOf(env, variableOf(name), name) === true) flags.push(`--${name}`);
      continue;
    }
    const given = (env.get(variableOf(name)) ?? "").trim();
    const values = flag.array ? given.split(/[\r\n]+/).map((line) => line.trim()) : [given];
    const set = values.filter((value) => value !== "");
    if (isPositional) positionals.push(...set);
    else flags.push(...set.map((value) => `--${name}=${value}`));
  }
  return [...asking.command.path.split(" "), ...flags, "--", ...positionals];
}
