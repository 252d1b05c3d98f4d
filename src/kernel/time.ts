/** RFC 3339 in UTC as our documents write it: whole seconds, `Z`. Of a day only whether its month has it is left open. */
const TIMESTAMP = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

/** How far the clocks of two honest machines may differ, in milliseconds (spec/trust.md section 3). */
export const CLOCK_LEEWAY_MS = 5 * 60_000;

/** Prints a time as RFC 3339 UTC with whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Tells whether a text is an RFC 3339 UTC time that exists. */
export function isTimestamp(text: string): boolean {
  if (!TIMESTAMP.test(text)) return false;
  // The engine takes the 31st of any month for a day of the next one where there is none.
  return text.slice(8, 10) <= "28" || timestamp(new Date(text)).slice(0, 10) === text.slice(0, 10);
}

/** Milliseconds of a timestamp since 1970. */
export function msOf(text: string): number {
  return Date.parse(text);
}

/** Prints an absolute time for people, `2026-11-18 14:02 UTC`. */
export function absoluteText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}
