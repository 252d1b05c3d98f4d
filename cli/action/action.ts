import type { DocumentName, Documents } from "../../src/schema/types.gen.ts";
import type { AnyCommand, Command } from "../command.ts";
import type { everywhere } from "../flags.ts";
import type { World } from "../world.ts";
import type { Note } from "./annotations.ts";
import type { Part } from "./summary.ts";

/** What a summary links to and counts from. */
export interface SummaryOn {
  /** Where people find the repository, `https://github.com/acme/notes`; null where it is on no forge. */
  readonly repositoryUrl: string | null;
  readonly now: Date;
}

/** One composite action: a file in cli/actions, a line in cli/actions/all.ts, a folder in actions. It says what its command answered. */
export interface Action<N extends DocumentName = DocumentName, W extends keyof World = keyof World> {
  /** Folder in actions. */
  readonly name: string;
  readonly command: Command<N, W>;
  /** Flags of the command that are no inputs. */
  readonly without?: readonly string[];
  /** Flags of all commands that are inputs of this action. */
  readonly also?: readonly (keyof typeof everywhere)[];
  /** True where not to know is no failure of the step, unless its input `fail-on-unknown` says so. */
  readonly mayNotKnow?: true;
  /** Title of the summary. */
  title(result: Documents[N]): string;
  /** What stands below the title; the command's own screen where an action has nothing better. */
  parts?(result: Documents[N], on: SummaryOn): readonly Part[];
  /** Outputs besides `exit`, `ok`, `code` and `result`: always the same names; null is the empty text. */
  outputs(result: Documents[N]): Readonly<Record<string, string | number | null>>;
  /** Annotations besides those of errors and warnings. */
  notes?(result: Documents[N]): readonly Note[];
  /** Whether a proposal was opened, which the workflow token's events do not tell anybody. */
  opened?(result: Documents[N]): boolean;
}

/** An action of any command, as the door runs it. */
export interface AnyAction extends Omit<Action, "command" | "title" | "parts" | "outputs" | "notes" | "opened"> {
  readonly command: AnyCommand;
  title(result: object): string;
  parts?(result: object, on: SummaryOn): readonly Part[];
  outputs(result: object): Readonly<Record<string, string | number | null>>;
  notes?(result: object): readonly Note[];
  opened?(result: object): boolean;
}

/** Declares an action and keeps its exact types inside it. */
export function defineAction<N extends DocumentName, W extends keyof World>(action: Action<N, W>): Action<N, W> {
  return action;
}
