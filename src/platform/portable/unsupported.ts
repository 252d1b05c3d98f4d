import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";

/** A repository that the portable driver does not read, and what to do. */
export function unsupported(location: string, why: string, hint: string): ToolError {
  return new ToolError(
    "state.repository.unsupported",
    `The repository ${printable(location)} cannot be used without git: ${why}`,
    { data: { location: printable(location) }, hints: [hint] },
  );
}
