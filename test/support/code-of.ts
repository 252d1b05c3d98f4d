import { ToolError } from "../../src/kernel/errors.ts";

/** Runs something that must fail and answers the code it failed with. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (cause) {
    if (cause instanceof ToolError) return cause.code;
    throw cause;
  }
  throw new Error("It did not fail");
}
