import type { ErrorCode } from "../kernel/error-catalogue.ts";
import { ToolError } from "../kernel/errors.ts";

const CODES: readonly ErrorCode[] = [
  "document.not_canonical",
  "state.document.invalid",
  "state.limit.exceeded",
  "state.object.corrupt",
  "text.invalid_utf8",
];

/**
 * Tells that what lies at the path of a document is none, which anyone who may push can have put there. A branch that could not be
 * asked is something else: not to know must never read as nothing there.
 */
export function isNoDocument(cause: unknown): boolean {
  return cause instanceof ToolError && CODES.includes(cause.code);
}
