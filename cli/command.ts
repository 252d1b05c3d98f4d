import type { Reason, Refused } from "../src/kernel/errors.ts";
import type { DocumentName, Documents } from "../src/schema/types.gen.ts";
import type { Screen } from "./screen.ts";
import type { World } from "./world.ts";

/** A flag; the value's name in help is `placeholder`. Every command also has those of `everywhere` in cli/flags.ts. */
export interface Flag {
  readonly type: "string" | "boolean" | "number";
  readonly describe: string;
  readonly placeholder?: string;
  readonly demandOption?: true;
  /** May be given several times; the value is then a list. */
  readonly array?: true;
}

/** A positional argument; only the last may take `many`. */
export interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly optional?: true;
  readonly many?: true;
}

/**
 * Parsed flags and positionals by the names as they are typed (`dry-run`); absent ones are undefined. `--server`, `--token`,
 * `--local-store` and `--key` that were not given come from the environment.
 */
export type Args = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Values of a flag that may be given several times. */
export function listOf(value: Args[string]): readonly string[] {
  if (typeof value === "object") return value;
  return typeof value === "string" ? [value] : [];
}

/** What a command answers. `error` says why whenever `exit` is not 0. */
export interface Answer<N extends DocumentName> {
  readonly result: Documents[N];
  readonly exit: 0 | 1 | 3 | 4;
  readonly error?: Reason;
  readonly warnings?: readonly Reason[];
}

/** Groups of `waybill --help`, in order. */
export type Group = "Publish" | "Move a channel" | "Decide" | "Look and prove" | "More" | "Set up";

/** One command: a file in cli/commands, a line in cli/commands/all.ts. It gets only what `needs` names, returns data and prints nothing. */
export interface Command<N extends DocumentName = DocumentName, W extends keyof World = keyof World> {
  /** Words as typed after `waybill`, for example `dist release promote`. */
  readonly path: string;
  readonly group: Group;
  readonly summary: string;
  readonly examples: readonly [string, ...string[]];
  /** Lines of "What happens" in help; effect and exit three spaces apart. */
  readonly effects?: readonly string[];
  readonly positionals?: readonly Positional[];
  readonly options: Readonly<Record<string, Flag>>;
  /** True for commands that change something: they get `--dry-run`, with which branches of `store` and `ground` do not move. */
  readonly writes?: true;
  /** True where a bare repository is made if there is none at the positional `path`, else at `--server`. */
  readonly creates?: true;
  readonly needs: readonly W[];
  readonly result: N;
  /** Reaches everything else by `await import()` of our own files, so that `--help` loads nothing. */
  run(world: Pick<World, W>, args: Args): Promise<Answer<N> | Refused>;
  /** What people see; not called with --json. `now` is for relative times, `args` for flags that choose among screens. */
  screen(result: Documents[N], now: Date, args?: Args): Promise<Screen>;
}

/** A command of any result, as the registry holds it. */
export interface AnyCommand extends Omit<Command, "run" | "screen" | "needs"> {
  readonly needs: readonly (keyof World)[];
  run(world: World, args: Args): Promise<Answer<DocumentName> | Refused>;
  screen(result: object, now: Date, args?: Args): Promise<Screen>;
}

/** Declares a command and keeps its exact types inside it. */
export function defineCommand<N extends DocumentName, W extends keyof World>(command: Command<N, W>): Command<N, W> {
  return command;
}
