import type { Database, SqlEngine } from "../../ports/sql.ts";
import { quoted, type TableSql } from "./schema.ts";

/** Opens an empty database whose tables are to be filled; {@link endFilling} gives it its lasting form. */
export async function beginFilling(sql: SqlEngine, tables: Iterable<TableSql>): Promise<Database> {
  const db = await sql.open();
  db.run("PRAGMA temp_store=MEMORY");
  db.run("BEGIN");
  for (const { createTemporary } of tables) db.run(createTemporary);
  return db;
}

/**
 * Moves what was filled to where it stays, so that each page is written once and is full: rows that come one by one leave a tenth of
 * theirs empty, and VACUUM, which mends that, writes all of them again.
 */
export function endFilling(db: Database, tables: Iterable<TableSql>): void {
  for (const { name, create, indexes } of tables) {
    db.run(create);
    db.run(`INSERT INTO main.${quoted(name)} SELECT * FROM temp.${quoted(name)}`);
    db.run(`DROP TABLE temp.${quoted(name)}`);
    for (const index of indexes) db.run(index);
  }
  db.run("COMMIT");
}
