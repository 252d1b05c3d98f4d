import { ToolError } from "./errors.ts";

const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes UTF-8; invalid bytes never become a string.
 * Throws `text.invalid_utf8` with the byte offset of the first invalid sequence.
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return fatal.decode(bytes);
  } catch (cause) {
    const offset = firstInvalidByte(bytes);
    throw new ToolError("text.invalid_utf8", `${what} is not valid UTF-8 at byte ${offset}`, {
      data: { what, offset },
      hints: ["Save it as UTF-8"],
      cause,
    });
  }
}

/** Finds the byte offset at which decoding first fails, by halving: a prefix is valid or only cut short. */
function firstInvalidByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefixValid(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return sequenceStart(bytes, good);
}

/** Steps back to the lead byte of a sequence that is cut short before `at`. */
function sequenceStart(bytes: Uint8Array, at: number): number {
  for (let lead = at - 1; lead >= Math.max(0, at - 3); lead -= 1) {
    const byte = bytes[lead] ?? 0;
    if (byte >= 0xc2) return lead + sequenceLength(byte) > at ? lead : at;
    if (byte < 0x80) return at;
  }
  return at;
}

function sequenceLength(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

function isPrefixValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

// Control, bidirectional, zero-width (format), surrogate, private-use, unassigned, line and paragraph separators.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
/** Nothing of it is unsafe, and there is one way to write it: nearly every text. */
const PLAIN = /^[ -~]*$/;
const UNSAFE_ALL = new RegExp(UNSAFE.source, "gu");

/** Tells whether a one-line field may hold this text: NFC, no control, bidirectional, zero-width or unassigned characters. */
export function isOneLine(text: string): boolean {
  return PLAIN.test(text) || (!UNSAFE.test(text) && text.normalize("NFC") === text);
}

/** Tells whether a text of several lines is NFC and holds no unsafe characters but line breaks and tabs. */
export function isPlainText(text: string): boolean {
  return !UNSAFE.test(text.replaceAll(/[\n\t]/g, " ")) && text.normalize("NFC") === text;
}

/**
 * Makes a text from outside safe to print on one line: unsafe characters as `\u{202e}`, cut at `limit` code points. A combining mark
 * at its beginning is escaped too, as it would join whatever stands before.
 */
export function printable(text: string, limit = 200): string {
  const escaped = text.replace(/^\p{M}/u, escapeOf).replaceAll(UNSAFE_ALL, escapeOf);
  const points = Array.from(escaped);
  return points.length > limit ? `${points.slice(0, limit - 1).join("")}…` : escaped;
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

// What JSON prints raw and a terminal or an editor would obey; line breaks between members are of the form.
const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Prints JSON, two spaces a level, that is safe to look at: unsafe characters are escaped as `\u202e`, which reads back as they are. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(UNSAFE_IN_JSON, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** An address without the name and the password that may stand in it; anything else as it is. */
export function withoutSecret(address: string): string {
  // A password may hold an `@` that nobody encoded: the last one before the path ends it.
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
}

/** Orders by code point, as every list and key order of ours does; UTF-16 order differs above U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Lifts surrogates above the rest of the basic plane, which makes code units sort as code points. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
