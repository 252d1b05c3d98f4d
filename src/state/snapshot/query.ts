import { ToolError } from "../../kernel/errors.ts";
import type { SqlResultV1 } from "../../schema/types.gen.ts";
import type { Snapshot } from "./open.ts";

/** Most rows that one query may answer. */
const MAX_ROWS = 1_000_000;
/** Statements that only read, by their first word. */
const READING = /^(?:select|with|values|explain)\b|^pragma\s+(?:table_info|table_list|index_list|index_info)\b/i;
/** Blanks and comments before the first word. */
const BEFORE = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;

/** What a query is answered from. */
type Asked = Pick<Snapshot, "database"> & { readonly history: Pick<Snapshot["history"], "shards" | "loadAll"> };

/**
 * Answers one reading statement on a snapshot that is open read-only, which refuses what the first word does not show. A query that
 * names a table of history gets all of it. Throws `sql.invalid`.
 */
export async function querySnapshot({ database, history }: Asked, query: string, limit: number): Promise<SqlResultV1> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS)
    throw new ToolError("usage.invalid_argument", `--limit needs a whole number from 1 to ${MAX_ROWS}`);
  if (!READING.test(query.replace(BEFORE, "")))
    throw new ToolError("sql.invalid", "Only one SELECT, WITH, VALUES, EXPLAIN or PRAGMA table_info can be asked", {
      hints: ["The snapshot is derived from the branches and read-only", "waybill sql --help"],
    });
  // The name of a table has no other spelling than upper and lower case.
  const named = new Set(history.shards.flatMap(({ rows }) => Object.keys(rows)));
  if ([...named].some((table) => query.toLowerCase().includes(table))) await history.loadAll();
  const { columns, rows, more } = database.rows(query, [], limit);
  return { schema: "sql-result.v1", columns, rows: rows.map((row) => row.map(valueOf)), more };
}

function valueOf(value: string | number | Uint8Array | null): string | number | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
