import { ToolError } from "../src/kernel/errors.ts";
import { printable } from "../src/kernel/text.ts";
import { isTimestamp } from "../src/kernel/time.ts";
import type { Args } from "./command.ts";

/** Day of a flag, `yyyy-mm-dd`; null where it was not given. Throws `usage.invalid_argument` where it is no day. */
export function dateOf(flag: string, args: Args): string | null {
  const text = args[flag];
  if (typeof text !== "string") return null;
  if (isTimestamp(`${text}T00:00:00Z`)) return text;
  throw new ToolError("usage.invalid_argument", `--${flag} takes a day such as 2026-11-01, not ${printable(text)}`, {
    data: { flag, value: printable(text) },
    hints: ["Year, month and day in UTC"],
  });
}
