import type { ErrorCode } from "../kernel/error-catalogue.ts";
import { ToolError } from "../kernel/errors.ts";
import type { Data } from "../kernel/json.ts";

/** What a reader of one format may find wrong; the names are checked by the compiler, and each is provoked by a test. */
export interface Problems<Name extends string> {
  /** All codes, `inspect.<format>.<name>`, sorted. */
  readonly codes: readonly ErrorCode[];
  /** Makes the error to throw. */
  readonly error: (name: Name, message: string, data?: Data) => ToolError;
}

/** Declares the problems of a reader. */
export function problemsOf<Name extends string>(format: string, ...names: readonly Name[]): Problems<Name> {
  return {
    codes: names.map((name) => `inspect.${format}.${name}` as const).toSorted(),
    error: (name, message, data = {}) => new ToolError(`inspect.${format}.${name}`, message, { data }),
  };
}

/** Tells a finding about the file from a failure to read it. */
export function isProblem(cause: unknown): cause is ToolError {
  return cause instanceof ToolError && cause.code.startsWith("inspect.");
}
