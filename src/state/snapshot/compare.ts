import { sha256Stream } from "../../kernel/digest.ts";
import type { Database } from "../../ports/sql.ts";
import { quoted, type SnapshotSchema } from "./schema.ts";

/** One digest a table, over its rows in order of the primary key. */
export type TableDigests = ReadonlyMap<string, string>;

/** Digests every table of a snapshot. */
export function digestTables(db: Database, schema: SnapshotSchema): TableDigests {
  return new Map([...schema.tables.keys()].map((name) => [name, digestTable(db, schema, name)]));
}

function digestTable(db: Database, schema: SnapshotSchema, name: string): string {
  const table = schema.tables.get(name);
  const order = (table?.primary ?? []).map((i) => quoted(table?.columns[i] ?? "")).join(", ");
  const hash = sha256Stream();
  for (const row of db.rows(`SELECT * FROM ${quoted(name)} ORDER BY ${order}`).rows) {
    const values = row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value));
    hash.update(`${JSON.stringify(values)}\n`);
  }
  return hash.hex();
}

/** Names the tables that differ, or that one of the two lacks. */
export function differingTables(a: TableDigests, b: TableDigests): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
}
