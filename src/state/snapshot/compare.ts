import { sha256Stream } from "../../kernel/digest.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import { quoted, type SnapshotSchema, type TableSql } from "./schema.ts";

/** How many rows, and a digest over them in order of the primary key. */
export interface TableDigest {
  readonly rows: number;
  readonly sha256: string;
}

/** One digest a table of the core; those of a shard have its month behind their name. */
export type TableDigests = ReadonlyMap<string, TableDigest>;

/** Digests every table of a core. */
export function digestTables(db: Database, schema: SnapshotSchema): TableDigests {
  return new Map([...schema.tables].map(([name, table]) => [name, digestTable(db, table)]));
}

/** Digests every table of a shard. Throws `sql.damaged`, `sql.invalid`. */
export async function digestShard(
  sql: SqlEngine,
  schema: SnapshotSchema,
  { month, bytes }: { readonly month: string; readonly bytes: Uint8Array },
  options: { readonly untrusted?: boolean } = {},
): Promise<TableDigests> {
  const db = await sql.open(bytes, { readOnly: true, ...options });
  try {
    const tables = [...schema.tables].filter(([name]) => schema.history.has(name));
    return new Map(tables.map(([name, table]) => [`${name} ${month}`, digestTable(db, table)]));
  } finally {
    db.close();
  }
}

function digestTable(db: Database, table: TableSql): TableDigest {
  const order = table.primary.map((i) => quoted(table.columns[i] ?? "")).join(", ");
  const hash = sha256Stream();
  const { rows } = db.rows(`SELECT * FROM ${quoted(table.name)} ORDER BY ${order}`);
  for (const row of rows) {
    const values = row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value));
    hash.update(`${JSON.stringify(values)}\n`);
  }
  return { rows: rows.length, sha256: hash.hex() };
}

/** Names the tables that differ, or that one of the two lacks. */
export function differingTables(a: TableDigests, b: TableDigests): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name)?.sha256 !== b.get(name)?.sha256);
}
