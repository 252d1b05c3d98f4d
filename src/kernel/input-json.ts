import { MAX_JSON_DEPTH } from "./canonical-json.ts";
import type { ErrorCode } from "./error-catalogue.ts";
import { ToolError } from "./errors.ts";
import type { Json } from "./json.ts";
import { decodeUtf8, printable } from "./text.ts";

/** Largest JSON that a user may hand in, unless a caller says otherwise: 1 MiB. */
export const MAX_INPUT_BYTES = 1_048_576;

/** JSON that a user wrote, with the line of every value. */
export interface InputJson {
  readonly value: Json;
  /** Line, from 1, on which the value of a JSON pointer begins; undefined where there is none. */
  lineOf(pointer: string): number | undefined;
}

/** How to read: what people call the text, the code of what is no JSON, and the bound. */
export interface InputOptions {
  readonly what: string;
  readonly code: ErrorCode;
  readonly maxBytes?: number;
}

/** Appends a name to a JSON pointer. Source: RFC 6901. */
export function pointerTo(pointer: string, name: string | number): string {
  return `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/**
 * Reads JSON from outside, strictly: RFC 8259 and nothing more, no duplicate keys, no byte-order mark, no lone surrogate,
 * nested at most 64 deep, bounded before it is looked at. A key `__proto__` is a key like any other.
 * Throws `text.invalid_utf8` with the byte offset, else the code that was given, with pointer and line.
 */
export function parseInputJson(bytes: Uint8Array, options: InputOptions): InputJson {
  const { what, code, maxBytes = MAX_INPUT_BYTES } = options;
  if (bytes.length > maxBytes) {
    throw new ToolError(code, `${what} is larger than ${maxBytes} bytes`, {
      data: { what, max_bytes: maxBytes },
      hints: [`Name a file of at most ${maxBytes} bytes`],
    });
  }
  const reader = new Reader(decodeUtf8(bytes, what), options);
  const value = reader.document();
  return { value, lineOf: (pointer) => reader.lines.get(pointer) };
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** A string without the characters that JSON forbids inside one. */
// oxlint-disable-next-line no-control-regex -- RFC 8259 section 7 forbids U+0000 to U+001F unescaped
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const LONE_SURROGATE = /\p{Cs}/u;

/** A cursor over the text; nesting is bounded, so recursion is. */
class Reader {
  readonly lines = new Map<string, number>();
  #at = 0;
  #line = 1;
  #counted = 0;
  readonly #text: string;
  readonly #options: InputOptions;

  constructor(text: string, options: InputOptions) {
    this.#text = text;
    this.#options = options;
  }

  document(): Json {
    if (this.#text.startsWith("\ufeff")) throw this.#bad("it begins with a byte-order mark", "");
    this.#space();
    const value = this.#value("", 0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#bad("something follows the value", "");
    return value;
  }

  #value(pointer: string, depth: number): Json {
    if (depth > MAX_JSON_DEPTH) throw this.#bad(`it nests deeper than ${MAX_JSON_DEPTH}`, "");
    this.lines.set(pointer, this.#lineHere());
    const next = this.#text[this.#at];
    if (next === "{") return this.#object(pointer, depth);
    if (next === "[") return this.#array(pointer, depth);
    if (next === '"') return this.#string(pointer);
    const word = this.#take(WORD);
    if (word !== undefined) return word === "null" ? null : word === "true";
    const number = this.#take(NUMBER);
    if (number === undefined) throw this.#bad(this.#unexpected(), pointer);
    const value = Number(number);
    if (!Number.isFinite(value)) throw this.#bad(`the number ${printable(number, 40)} is too large`, pointer);
    return value;
  }

  #object(pointer: string, depth: number): Json {
    const members = new Map<string, Json>();
    this.#at += 1;
    this.#space();
    if (this.#ends("}")) return {};
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#bad(this.#unexpected(), pointer);
      const key = this.#string(pointer);
      const inner = pointerTo(pointer, key);
      if (members.has(key)) throw this.#bad(`the key ${JSON.stringify(printable(key))} stands twice`, inner);
      this.#space();
      if (!this.#ends(":")) throw this.#bad(this.#unexpected(), inner);
      this.#space();
      members.set(key, this.#value(inner, depth + 1));
      this.#space();
      // fromEntries makes own members, so `__proto__` cannot reach a prototype.
      if (this.#ends("}")) return Object.fromEntries(members);
      if (!this.#ends(",")) throw this.#bad(this.#unexpected(), pointer);
      this.#space();
    }
  }

  #array(pointer: string, depth: number): Json {
    const items: Json[] = [];
    this.#at += 1;
    this.#space();
    if (this.#ends("]")) return items;
    for (;;) {
      items.push(this.#value(pointerTo(pointer, items.length), depth + 1));
      this.#space();
      if (this.#ends("]")) return items;
      if (!this.#ends(",")) throw this.#bad(this.#unexpected(), pointer);
      this.#space();
    }
  }

  #string(pointer: string): string {
    const token = this.#take(STRING);
    if (token === undefined) throw this.#bad("a string does not end, or holds what must be escaped", pointer);
    const value: unknown = token.includes("\\") ? JSON.parse(token) : token.slice(1, -1);
    if (typeof value !== "string" || LONE_SURROGATE.test(value)) throw this.#bad("a lone surrogate", pointer);
    return value;
  }

  #space(): void {
    this.#take(SPACE);
  }

  #ends(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    return found;
  }

  #lineHere(): number {
    for (let i = this.#text.indexOf("\n", this.#counted); i >= 0 && i < this.#at; i = this.#text.indexOf("\n", i + 1)) {
      this.#line += 1;
      this.#counted = i + 1;
    }
    return this.#line;
  }

  #unexpected(): string {
    const found = this.#text.codePointAt(this.#at);
    return found === undefined
      ? "it ends too early"
      : `unexpected ${JSON.stringify(printable(String.fromCodePoint(found)))}`;
  }

  #bad(why: string, pointer: string): ToolError {
    const line = this.#lineHere();
    const { what, code } = this.#options;
    return new ToolError(code, `${what} is not JSON that can be used: ${why} (line ${line})`, {
      data: { at: `${what}#${pointer} (line ${line})`, pointer, line },
      hints: [`Correct line ${line} and run the command again`],
    });
  }
}
