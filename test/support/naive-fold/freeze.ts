import type { FreezeWindow } from "../../../src/schema/types.gen.ts";

/** Whether a channel may not move at a time: exclude beats allow (distribution.md section 8). */
export function isFrozen(windows: readonly FreezeWindow[], seconds: number): boolean {
  const within = (kind: string) => windows.some((window) => window.kind === kind && isInside(window, seconds));
  const hasAllow = windows.some(({ kind }) => kind === "allow");
  return within("exclude") || (hasAllow && !within("allow"));
}

/** A window is [start, start + minutes); a span is [from, to). */
function isInside(window: FreezeWindow, seconds: number): boolean {
  if (window.cron === undefined)
    return Date.parse(window.from ?? "") <= seconds * 1000 && seconds * 1000 < Date.parse(window.to ?? "");
  const thisMinute = seconds - (seconds % 60);
  for (let back = 0; back * 60 <= (window.minutes ?? 0) * 60; back += 1) {
    const start = thisMinute - back * 60;
    if (seconds < start + (window.minutes ?? 0) * 60 && isStart(window.cron, window.tz, start)) return true;
  }
  return false;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const number = "numeric";
  const parts = {
    minute: number,
    hour: number,
    hourCycle: "h23",
    day: number,
    month: number,
    weekday: "short",
  } as const;
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat("en-GB", { timeZone, ...parts });
  clocks.set(timeZone, clock);
  return clock;
}

/** Whether a cron line of five fields fires in the minute that begins at a time, on the clock of a zone. */
function isStart(cron: string, tz: string, seconds: number): boolean {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = cron.split(" ");
  const parts = Object.fromEntries(
    clockOf(tz)
      .formatToParts(seconds * 1000)
      .map(({ type, value }) => [type, value]),
  );
  const has = (field: string, value: string | undefined) => matches(field, Number(value));
  const dayOfWeek = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(parts["weekday"] ?? "");
  const days =
    day === "*" || weekday === "*"
      ? has(day, parts["day"]) && matches(weekday, dayOfWeek)
      : has(day, parts["day"]) || matches(weekday, dayOfWeek);
  return has(minute, parts["minute"]) && has(hour, parts["hour"]) && has(month, parts["month"]) && days;
}

/** A list of `*`, numbers, weekday names and ranges. */
function matches(field: string, value: number): boolean {
  const number = (text: string) => {
    const named = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"].indexOf(text);
    return named < 0 ? Number(text) : named;
  };
  return field.split(",").some((part) => {
    if (part === "*") return true;
    const [from = "", to = from] = part.split("-");
    return number(from) <= value && value <= number(to);
  });
}
