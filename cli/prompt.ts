import { ToolError } from "../src/kernel/errors.ts";
import type { Args } from "./command.ts";

/** Questions to the person at the terminal. */
export interface Prompt {
  /** Asks for one line, hidden for secrets; null where nobody is there to answer, as with `--json` and in CI. */
  ask(question: string, hidden?: boolean): Promise<string | null>;
  /** Says something before a question. */
  say(text: string): void;
}

/**
 * Asks before what acts at once and cannot be undone: `--yes`, or `y` on a terminal. `effect` says what will be gone,
 * `question` ends with a question mark. Throws `usage.confirm_required`.
 */
export async function confirm(prompt: Prompt, args: Args, effect: string, question: string): Promise<void> {
  if (args["yes"] === true) return;
  prompt.say(effect);
  const answer = await prompt.ask(`${question} [y/N] `);
  if (answer !== null && /^y(?:es)?$/i.test(answer.trim())) return;
  throw new ToolError(
    "usage.confirm_required",
    answer === null ? `${effect}; this cannot be undone` : "Not confirmed",
    {
      hints: ["Run it again with --yes"],
    },
  );
}
