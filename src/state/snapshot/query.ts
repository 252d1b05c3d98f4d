import { ToolError } from "../../kernel/errors.ts";
import type { Database } from "../../ports/sql.ts";
import type { SqlResultV1 } from "../../schema/types.gen.ts";

/** Most rows that one query may answer. */
const MAX_ROWS = 1_000_000;
/** Statements that only read, by their first word. */
const READING = /^(?:select|with|values|explain)\b|^pragma\s+(?:table_info|table_list|index_list|index_info)\b/i;
/** Blanks and comments before the first word. */
const BEFORE = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;

/**
 * Answers one reading statement on a snapshot that is open read-only, which refuses what the first word does not show.
 * Throws `sql.invalid`.
 */
export function querySnapshot(database: Database, query: string, limit: number): SqlResultV1 {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS)
    throw new ToolError("usage.invalid_argument", `--limit needs a whole number from 1 to ${MAX_ROWS}`);
  if (!READING.test(query.replace(BEFORE, "")))
    throw new ToolError("sql.invalid", "Only one SELECT, WITH, VALUES, EXPLAIN or PRAGMA table_info can be asked", {
      hints: ["The snapshot is derived from the branches and read-only", "waybill sql --help"],
    });
  const { columns, rows, more } = database.rows(query, [], limit);
  return { schema: "sql-result.v1", columns, rows: rows.map((row) => row.map(valueOf)), more };
}

function valueOf(value: string | number | Uint8Array | null): string | number | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
