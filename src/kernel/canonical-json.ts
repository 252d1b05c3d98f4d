import { ToolError } from "./errors.ts";
import { isData, type Data, type Json } from "./json.ts";
import { isPlainPrint } from "./plain-print.ts";
import { byCodePoint, decodeUtf8 } from "./text.ts";

/** Deepest nesting that any document of ours may have. */
export const MAX_JSON_DEPTH = 64;

const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Prints a document in the one form that our branches hold: 2-space indent, keys sorted by code point, raw UTF-8, final newline.
 * Throws `document.unprintable` on a lone surrogate, a number that is not finite, or nesting beyond 64.
 */
export function printCanonical(document: Json | Data): string {
  return `${print(document, "", 0)}\n`;
}

function print(value: Json, indent: string, depth: number): string {
  if (depth > MAX_JSON_DEPTH) throw unprintable(`nesting deeper than ${MAX_JSON_DEPTH}`);
  if (typeof value === "string") return printText(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw unprintable(`the number ${value}`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  if (isData(value)) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    if (keys.length === 0) return "{}";
    const members = keys
      .toSorted(byCodePoint)
      .map((key) => `${inner}${printText(key)}: ${print(value[key] ?? null, inner, depth + 1)}`);
    return `{\n${members.join(",\n")}\n${indent}}`;
  }
  if (value.length === 0) return "[]";
  return `[\n${value.map((item) => inner + print(item, inner, depth + 1)).join(",\n")}\n${indent}]`;
}

/**
 * Prints a document as one line without blanks, keys sorted by code point, no newline: the form that it has in a sealed segment.
 * {@link printCanonical} of what the line holds is the document's own bytes again. Throws `document.unprintable`.
 */
export function printLine(document: Json | Data): string {
  return lineOf(document, 0);
}

function lineOf(value: Json, depth: number): string {
  if (depth > MAX_JSON_DEPTH) throw unprintable(`nesting deeper than ${MAX_JSON_DEPTH}`);
  if (typeof value === "string") return printText(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw unprintable(`the number ${value}`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (!isData(value)) return `[${value.map((item) => lineOf(item, depth + 1)).join(",")}]`;
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted(byCodePoint)
    .map((key) => `${printText(key)}:${lineOf(value[key] ?? null, depth + 1)}`);
  return `{${members.join(",")}}`;
}

function printText(text: string): string {
  if (LONE_SURROGATE.test(text)) throw unprintable("a lone surrogate");
  return JSON.stringify(text);
}

function unprintable(what: string): ToolError {
  return new ToolError("document.unprintable", `A document cannot hold ${what}`);
}

/**
 * Reads a document of ours and checks that it is byte for byte its own canonical print, so that duplicate keys,
 * other orders, `1e0`, byte-order marks and CRLF are all refused. Throws `document.not_canonical` or `text.invalid_utf8`.
 */
export function parseCanonical(bytes: Uint8Array, what: string): Json {
  return parseForm(files, decodeUtf8(bytes, what), what);
}

/** Reads one line of a segment, without its newline, as strictly as {@link parseCanonical} reads a file. Throws `document.not_canonical`. */
export function parseLine(line: string, what: string): Json {
  return parseForm(lines, line, what);
}

/** A form that documents are stored in. */
interface Form {
  readonly name: "file" | "line";
  readonly print: (value: Json) => string;
}

const files: Form = { name: "file", print: printCanonical };
const lines: Form = { name: "line", print: printLine };

function parseForm(form: Form, text: string, what: string): Json {
  let value: Json;
  try {
    // V8 parses without recursion, so that depth can be judged afterwards.
    value = parsed(text);
  } catch (cause) {
    throw notCanonical(what, "it is not JSON", cause);
  }
  if (isPlainPrint(text, form.name, MAX_JSON_DEPTH)) return value;
  if (depthExceeds(text, MAX_JSON_DEPTH)) throw notCanonical(what, `it nests deeper than ${MAX_JSON_DEPTH}`);
  if (printOf(form, value, what) !== text) throw notCanonical(what, "it is not printed the way Waybill prints it");
  return value;
}

function parsed(text: string): Json {
  const value: unknown = JSON.parse(text);
  // JSON.parse makes nothing but JSON; the check keeps the compiler honest without a cast.
  if (isJson(value)) return value;
  throw new SyntaxError("not JSON");
}

function isJson(value: unknown): value is Json {
  return value === null || ["string", "number", "boolean", "object"].includes(typeof value);
}

function printOf({ print: printed }: Form, value: Json, what: string): string {
  try {
    return printed(value);
  } catch (cause) {
    throw notCanonical(what, "it holds a lone surrogate", cause);
  }
}

function notCanonical(what: string, why: string, cause?: unknown): ToolError {
  return new ToolError("document.not_canonical", `${what} is not a document: ${why}`, {
    data: { what },
    hints: ["Documents are written by waybill only; find who pushed this one by hand"],
    cause,
  });
}

/** Tells whether brackets outside strings nest deeper than a bound, in one pass and without recursion. */
export function depthExceeds(text: string, bound: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i += 1;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) {
      depth += 1;
      if (depth > bound) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth -= 1;
  }
  return false;
}
