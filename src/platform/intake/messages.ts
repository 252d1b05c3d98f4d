import type { ErrorCode } from "../../kernel/error-catalogue.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Data } from "../../kernel/json.ts";
import type { Taken } from "../../ports/intake.ts";

/** What the worker says to the intake. */
export type Message =
  | { readonly kind: "progress"; readonly doneBytes: number }
  | { readonly kind: "taken"; readonly taken: Taken }
  | {
      readonly kind: "failed";
      readonly code: ErrorCode;
      readonly message: string;
      readonly data: Data;
      readonly hints: readonly string[];
    };

/** Packs a failure so that it survives the way between threads; a class does not. */
export function failure(cause: unknown): Message {
  if (cause instanceof ToolError)
    return { kind: "failed", code: cause.code, message: cause.message, data: cause.data, hints: cause.hints };
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return { kind: "failed", code: "internal.bug", message, data: {}, hints: [] };
}

/** Unpacks a failure. */
export function unpacked(message: Extract<Message, { kind: "failed" }>): ToolError {
  return new ToolError(message.code, message.message, { data: message.data, hints: message.hints });
}
