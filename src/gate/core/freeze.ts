import { Cron } from "croner";
import { msOf, timestamp } from "../../kernel/time.ts";
import type { FreezeWindow } from "../../schema/types.gen.ts";
import type { RuleResult } from "./verdict.ts";

const MINUTE_MS = 60_000;
/** Changes of state that are looked at to find the next opening. */
const MAX_LOOKS = 200;

/** Tells whether a time lies in a window, `[start, start + minutes)` or `[from, to)`. */
export function isInWindow(window: FreezeWindow, ms: number): boolean {
  const start = startBefore(window, ms);
  return start !== null && ms < endOf(window, start);
}

/**
 * The row `freeze` of a verdict: outside every `exclude` window, and, where there are `allow` windows, inside one of them.
 * Exclude beats allow. Cron by croner in IANA zones.
 */
export function freezeRow(windows: readonly FreezeWindow[], at: string): RuleResult {
  const ms = msOf(at);
  if (isOpen(windows, ms)) return { rule: "freeze", status: "ok", message: openMessage(windows, ms) };
  const opens = nextOpening(windows, ms);
  const until = opens === null ? "and no opening is in sight" : `until ${timestamp(new Date(opens))}`;
  const why = windows.some((window) => window.kind === "exclude" && isInWindow(window, ms))
    ? "a freeze window is on"
    : "no allowed window is on";
  return { rule: "freeze", status: "wait", message: `${why} ${until}` };
}

function openMessage(windows: readonly FreezeWindow[], ms: number): string {
  if (windows.length === 0) return "no windows";
  const next = changesAfter(windows, ms).find((change) => !isOpen(windows, change));
  return next === undefined ? "no window is on" : `no freeze before ${timestamp(new Date(next))}`;
}

function isOpen(windows: readonly FreezeWindow[], ms: number): boolean {
  const allows = windows.filter((window) => window.kind === "allow");
  if (windows.some((window) => window.kind === "exclude" && isInWindow(window, ms))) return false;
  return allows.length === 0 || allows.some((window) => isInWindow(window, ms));
}

/** Next moment at which the channel may move; null where none is found within {@link MAX_LOOKS} changes. */
export function nextOpening(windows: readonly FreezeWindow[], ms: number): number | null {
  let at = ms;
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const [next] = changesAfter(windows, at);
    if (next === undefined) return null;
    if (isOpen(windows, next)) return next;
    at = next;
  }
  return null;
}

/** Starts and ends of windows next after a time, in order. */
function changesAfter(windows: readonly FreezeWindow[], ms: number): readonly number[] {
  return windows
    .flatMap((window) => {
      const running = startBefore(window, ms);
      const next = nextStart(window, ms);
      return [running === null ? null : endOf(window, running), next];
    })
    .filter((change) => change !== null && change > ms)
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Newest start, not after `ms`, of which the window may still be on; null where there is none. */
function startBefore(window: FreezeWindow, ms: number): number | null {
  if (window.from !== undefined) return msOf(window.from) <= ms ? msOf(window.from) : null;
  if (window.cron === undefined) return null;
  // Newest of all starts in (ms - minutes, ms]; a later start prolongs the window.
  const since = ms - (window.minutes ?? 0) * MINUTE_MS;
  const [newest] = cronOf(window, window.cron).previousRuns(1, new Date(ms + 1));
  return newest !== undefined && newest.getTime() > since && newest.getTime() <= ms ? newest.getTime() : null;
}

function endOf(window: FreezeWindow, start: number): number {
  if (window.from === undefined) return start + (window.minutes ?? 0) * MINUTE_MS;
  return window.to === undefined ? Number.POSITIVE_INFINITY : msOf(window.to);
}

function nextStart(window: FreezeWindow, ms: number): number | null {
  if (window.from !== undefined) return msOf(window.from);
  if (window.cron === undefined) return null;
  return cronOf(window, window.cron).nextRun(new Date(ms))?.getTime() ?? null;
}

function cronOf(window: FreezeWindow, pattern: string): Cron {
  return new Cron(pattern, { timezone: window.tz, paused: true, mode: "5-part" });
}

/** What is wrong with a window; null where it can be used. */
export function windowProblem(window: FreezeWindow): string | null {
  const spans = window.from !== undefined && window.to !== undefined;
  const repeats = window.cron !== undefined && window.minutes !== undefined;
  const members = [window.from, window.to, window.cron, window.minutes].filter((part) => part !== undefined).length;
  if (members !== 2 || (!spans && !repeats)) return "a window has either from and to, or cron and minutes";
  if (!isZone(window.tz)) return `${window.tz} is not an IANA time zone`;
  if (spans && window.from !== undefined && window.to !== undefined && window.from >= window.to)
    return "a window ends after it begins";
  if (window.cron === undefined) return null;
  try {
    return cronOf(window, window.cron).nextRun(new Date(0)) === null ? `${window.cron} never comes` : null;
  } catch {
    return `${window.cron} is not a cron pattern of 5 parts`;
  }
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
