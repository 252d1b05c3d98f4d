import type { SqlResultV1 } from "../../src/schema/types.gen.ts";
import { defineCommand } from "../command.ts";
import { none } from "../output/cells.ts";
import type { Cell, Screen } from "../screen.ts";

/** Rows that are answered unless --limit says otherwise. */
const LIMIT = 1000;

/** `waybill sql`. */
export const sql = defineCommand({
  path: "sql",
  group: "Look and prove",
  summary: "Ask the snapshot of all documents, read-only",
  examples: [
    'sql "SELECT version, status FROM releases ORDER BY published_at DESC" --limit 10',
    "sql \"SELECT name, sql FROM sqlite_schema WHERE type = 'table'\"",
  ],
  effects: ["one SELECT, WITH, VALUES, EXPLAIN or PRAGMA table_info; anything else is refused   exit 2"],
  positionals: [{ name: "query", describe: "One SQL statement" }],
  options: { limit: { type: "number", placeholder: "rows", describe: `Most rows to answer (default ${LIMIT})` } },
  needs: ["openSnapshot"],
  result: "sql-result.v1",
  async run(world, args) {
    const { querySnapshot } = await import("../../src/state/snapshot/query.ts");
    const snapshot = await world.openSnapshot();
    try {
      const limit = args["limit"] === undefined ? LIMIT : Number(args["limit"]);
      const result = await querySnapshot(snapshot, String(args["query"]), limit);
      return { result, exit: 0, warnings: snapshot.warnings };
    } finally {
      snapshot.database.close();
    }
  },
  screen: async (result) => screenOf(result),
});

function screenOf({ columns, rows, more }: SqlResultV1): Screen {
  const table = {
    kind: "table",
    columns: columns.map((title) => ({ title, free: true }) as const),
    rows: rows.map((row) => row.map(cellOf)),
  } as const;
  if (rows.length === 0) return { blocks: [], empty: "No rows" };
  return more ? { blocks: [table], empty: `The first ${rows.length} rows; --limit shows more` } : { blocks: [table] };
}

function cellOf(value: string | number | null): Cell {
  if (value === null) return none;
  const text = String(value);
  return { show: text, raw: text };
}
