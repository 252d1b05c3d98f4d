import { countText } from "../../src/kernel/count.ts";
import { sizeText } from "../../src/kernel/size.ts";
import type { Cell, Tone } from "../screen.ts";

// Here too for commands, whose screens know no other words than these.
export { sizeText } from "../../src/kernel/size.ts";
export { absoluteText } from "../../src/kernel/time.ts";

const SHORT_DIGEST = 12;
const SHORT_COMMIT = 7;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RELATIVE_DAYS = 7;

/** Says that there is nothing to show, in tables and in pipes. */
export const none: Cell = { show: "-", raw: "-", tone: "dim" };

/** Makes a cell of a word; null and the empty text are `-`. */
export function word(text: string | null | undefined, tone?: Tone): Cell {
  if (text === null || text === undefined || text === "") return none;
  return tone === undefined ? { show: text, raw: text } : { show: text, raw: text, tone };
}

/** Makes a cell of a number. */
export function count(n: number): Cell {
  return { show: countText(n), raw: String(n) };
}

/** Prints a number of things, `1 file`, `1,284 files`. */
export function counted(n: number, noun: string): string {
  return `${countText(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** Makes a cell of a size; a pipe gets integer bytes. */
export function size(bytes: number | null): Cell {
  return bytes === null ? none : { show: sizeText(bytes), raw: String(bytes) };
}

/** Makes a cell of a digest: 12 characters for people, all for pipes. */
export function digest(hex: string | null): Cell {
  return hex === null ? none : { show: `${hex.slice(0, SHORT_DIGEST)}…`, raw: hex };
}

/** Shortens a commit for people, 7 characters. */
export function shortCommit(oid: string): string {
  return oid.slice(0, SHORT_COMMIT);
}

/** Prints how long ago something was, from its two largest units at most: `18 min ago`, `21 h ago`, `6 days ago`. */
export function agoText(ms: number): string {
  if (ms < MINUTE_MS) return "just now";
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  const days = Math.floor(ms / DAY_MS);
  return `${days} ${days === 1 ? "day" : "days"} ago`;
}

/** Prints a time for a list: relative below 7 days, else the date. */
export function whenText(at: string, now: Date): string {
  const ms = now.getTime() - Date.parse(at);
  return ms < -MINUTE_MS || ms >= RELATIVE_DAYS * DAY_MS ? at.slice(0, 10) : agoText(Math.max(0, ms));
}

/** Makes a cell of a time; a pipe gets RFC 3339 UTC. */
export function when(at: string | null, now: Date): Cell {
  return at === null ? none : { show: whenText(at, now), raw: at };
}

/** Prints a duration, `1.9 s`, `6 min 10 s`, `20 h 10 min`, `3 days 4 h`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${(ms / 1000).toFixed(1)} s`;
  const pair = (large: number, unit: string, small: number, smallUnit: string) => {
    const rest = Math.floor((ms % large) / small);
    return `${Math.floor(ms / large)} ${unit}${rest > 0 ? ` ${rest} ${smallUnit}` : ""}`;
  };
  if (ms < HOUR_MS) return pair(MINUTE_MS, "min", 1000, "s");
  if (ms < DAY_MS) return pair(HOUR_MS, "h", MINUTE_MS, "min");
  return pair(DAY_MS, ms < 2 * DAY_MS ? "day" : "days", HOUR_MS, "h");
}

/** Prints a version with its build, `1.4.0 (412)`. */
export function versionText(version: string, build: string | null | undefined): string {
  return build === null || build === undefined || build === "" ? version : `${version} (${build})`;
}
