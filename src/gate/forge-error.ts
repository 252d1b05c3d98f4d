import { ToolError } from "../kernel/errors.ts";

/** Tells failures to ask a forge from our own: what it did not answer is unknown, and nothing is guessed from it. */
export function isForgeError(cause: unknown): cause is ToolError {
  return cause instanceof ToolError && cause.code.startsWith("forge.");
}
