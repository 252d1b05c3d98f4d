import { ToolError } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";

/** Runs what SQLite may refuse. Throws `sql.invalid`. */
export function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new ToolError("sql.invalid", `SQLite refuses this: ${printable(messageOf(cause))}`, {
      hints: [`waybill sql "SELECT name, sql FROM sqlite_schema WHERE type = 'table'" shows every table`],
      cause,
    });
  }
}

/** Runs what reads a database for the first time; `clean` frees it where it cannot be read. Throws `sql.damaged`. */
export function attemptToRead<T>(work: () => T, clean: () => void): T {
  try {
    return work();
  } catch (cause) {
    clean();
    throw new ToolError("sql.damaged", `This is no database that can be read: ${messageOf(cause)}`, { cause });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
