import { catalogue, type ErrorCode, type Exit } from "./error-catalogue.ts";
import type { Data } from "./json.ts";

/** Why something did not happen: a searchable code, one sentence, its facts, and what to do next. */
export interface Reason {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: Data;
  readonly hints: readonly string[];
}

/** A "no" as a value; the first reason gives the exit class. */
export interface Refused {
  readonly refused: readonly [Reason, ...Reason[]];
}

/** Something could not be done. A refusal is no exception: see {@link Refused}. */
export class ToolError extends Error implements Reason {
  readonly code: ErrorCode;
  readonly data: Data;
  readonly hints: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    more: { readonly data?: Data; readonly hints?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "ToolError";
    this.code = code;
    this.data = more.data ?? {};
    this.hints = more.hints ?? [];
  }
}

/** Makes a reason. */
export function reason(code: ErrorCode, message: string, data: Data = {}, ...hints: readonly string[]): Reason {
  return { code, message, data, hints };
}

/** Makes a refusal of one or more reasons. */
export function refuse(first: Reason, ...more: readonly Reason[]): Refused {
  return { refused: [first, ...more] };
}

/** Tells a refusal from a result. */
export function isRefused(value: unknown): value is Refused {
  return typeof value === "object" && value !== null && "refused" in value;
}

/** Throws a refusal as an error, where the caller cannot carry on without the answer "yes". */
export function orThrow<T>(value: T | Refused): T {
  if (!isRefused(value)) return value;
  const [first] = value.refused;
  throw new ToolError(first.code, first.message, { data: first.data, hints: first.hints });
}

/** Finds exit class and retryability of a code; a code of the family `inspect.*` has one line for all. */
export function classOf(code: ErrorCode): { readonly exit: Exit; readonly retryable: boolean } {
  const known: Readonly<Record<string, { readonly exit: Exit; readonly retryable: boolean }>> = catalogue;
  return known[code] ?? known[code.startsWith("inspect.") ? "inspect.*" : "internal.bug"] ?? catalogue["internal.bug"];
}
