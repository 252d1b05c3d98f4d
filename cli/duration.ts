import { ToolError } from "../src/kernel/errors.ts";
import { printable } from "../src/kernel/text.ts";
import type { Args } from "./command.ts";

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 } as const;
const DURATION = /^([1-9]\d{0,4})([mhdy])$/;

/** Milliseconds of a flag such as `90m`, `36h`, `7d` or `20y`; null where it was not given. Throws `usage.invalid_argument`. */
export function durationOf(flag: string, args: Args): number | null {
  const text = args[flag];
  if (typeof text !== "string") return null;
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (unit === "m" || unit === "h" || unit === "d" || unit === "y") return Number(count) * UNITS_MS[unit];
  throw new ToolError("usage.invalid_argument", `--${flag} takes a time such as 36h, not ${printable(text)}`, {
    data: { flag, value: printable(text) },
    hints: ["90m, 36h, 7d or 20y"],
  });
}
