import type { ErrorCode } from "../../kernel/error-catalogue.ts";
import { type Reason, reason } from "../../kernel/errors.ts";
import { type InputJson, pointerTo } from "../../kernel/input-json.ts";
import { type Data, isData, type Json } from "../../kernel/json.ts";
import { nearest } from "../../kernel/nearest.ts";
import { printable } from "../../kernel/text.ts";

/** Most problems of one manifest that are named. */
const MAX_PROBLEMS = 50;

/** Collects what is wrong with a manifest, each with pointer, line and value. */
export interface Problems {
  readonly found: readonly Reason[];
  add(code: ErrorCode, pointer: string, message: string, value?: Json, ...hints: readonly string[]): void;
}

/** Starts to collect; `what` is what people call the file. */
export function problemsOf(what: string, json: InputJson): Problems {
  const found: Reason[] = [];
  return {
    found,
    add(code, pointer, message, value, ...hints) {
      if (found.length >= MAX_PROBLEMS) return;
      const line = json.lineOf(pointer) ?? json.lineOf(pointer.slice(0, pointer.lastIndexOf("/"))) ?? 1;
      const at = `${what}#${pointer} (line ${line})`;
      const data = { at, file: what, pointer, line, ...(value === undefined ? {} : { value: shown(value) }) };
      found.push(reason(code, message, data, ...(hints.length > 0 ? hints : [`Correct ${what} and publish again`])));
    },
  };
}

/** A value as an error may carry it: text and numbers only, cut. */
function shown(value: Json): Json {
  if (typeof value === "string") return printable(value);
  if (value === null || typeof value !== "object") return value;
  return Array.isArray(value) ? "(array)" : "(object)";
}

/** One object of the manifest while it is read: every member must be known. */
export interface Fields {
  readonly pointer: string;
  has(name: string): boolean;
  /** A text of a form; null where it is absent or wrong. */
  text(name: string, form: Form): string | null;
  number(name: string): number | null;
  value(name: string): Json | undefined;
}

/** Which texts a field takes. */
export interface Form {
  readonly takes: (text: string) => boolean;
  readonly says: string;
}

/** Opens an object and says which of its members nobody knows. */
export function fieldsOf(
  problems: Problems,
  value: Json | undefined,
  pointer: string,
  known: readonly string[],
): Fields | null {
  if (!isData(value)) {
    problems.add(
      "dist.manifest.wrong_type",
      pointer,
      `${pointer === "" ? "A manifest" : "An artifact"} is an object`,
      value,
    );
    return null;
  }
  const object: Data = value;
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    const hint = meant === undefined ? `Known: ${known.join(" ")}` : `Did you mean ${meant}? Known: ${known.join(" ")}`;
    const message = `${JSON.stringify(printable(name))} is not a field of ${pointer === "" ? "a manifest" : "an artifact"}`;
    problems.add("dist.manifest.wrong_type", pointerTo(pointer, name), message, name, hint);
  }
  const of = (name: string) => (Object.hasOwn(object, name) ? object[name] : undefined);
  return {
    pointer,
    has: (name) => of(name) !== undefined,
    value: of,
    text(name, form) {
      const text = of(name);
      if (text === undefined) return null;
      if (typeof text === "string" && form.takes(text)) return text;
      problems.add("dist.manifest.wrong_type", pointerTo(pointer, name), notA(name, text, form.says), text);
      return null;
    },
    number(name) {
      const number = of(name);
      if (number === undefined) return null;
      if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
      const message = notA(name, number, "a whole number of bytes");
      problems.add("dist.manifest.wrong_type", pointerTo(pointer, name), message, number);
      return null;
    },
  };
}

function notA(name: string, value: Json, says: string): string {
  return `${name} cannot be ${JSON.stringify(shown(value))}: it is ${says}`;
}

/** Names a required field that is not there. */
export function missingField(problems: Problems, fields: Fields, name: string): void {
  problems.add("dist.manifest.missing_field", fields.pointer, `${name} is missing`, undefined, `Add "${name}"`);
}
