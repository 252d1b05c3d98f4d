/** RFC 3339 in UTC as our documents write it: whole seconds, `Z`. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** How far the clocks of two honest machines may differ, in milliseconds (spec/trust.md section 3). */
export const CLOCK_LEEWAY_MS = 5 * 60_000;

/** Prints a time as RFC 3339 UTC with whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Tells whether a text is an RFC 3339 UTC time that exists. */
export function isTimestamp(text: string): boolean {
  if (!TIMESTAMP.test(text)) return false;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return false;
  // The engine takes the 31st of any month, and 24 o'clock, for the day after.
  const mayOverflow = text.slice(8, 10) > "28" || text.slice(11, 13) === "24";
  return !mayOverflow || timestamp(new Date(ms)).slice(0, 10) === text.slice(0, 10);
}

/** Milliseconds of a timestamp since 1970. */
export function msOf(text: string): number {
  return Date.parse(text);
}

/** Folder of an audit event, `yyyy/mm/dd/hh/mi`. */
export function minuteFolder(at: string): string {
  return `${at.slice(0, 4)}/${at.slice(5, 7)}/${at.slice(8, 10)}/${at.slice(11, 13)}/${at.slice(14, 16)}`;
}

/** Prints an absolute time for people, `2026-11-18 14:02 UTC`. */
export function absoluteText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}
