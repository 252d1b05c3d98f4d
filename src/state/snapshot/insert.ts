import type { Database, SqlValue } from "../../ports/sql.ts";
import type { FileRows, Problem, Rows } from "./rows.ts";
import type { SnapshotSchema } from "./schema.ts";

/** Code of a problem: a row with this primary key came from another document before. */
export const ROW_TAKEN = "snapshot.row_taken";

/**
 * Inserts the rows of files, each table in one go. Where a primary key is taken already, the files are inserted one by one,
 * so that the problem names the file; the first in order of path wins.
 */
export function insertRows(db: Database, schema: SnapshotSchema, files: readonly FileRows[]): readonly Problem[] {
  const byTable = new Map<string, (readonly SqlValue[])[]>();
  for (const { rows } of files) {
    for (const [name, made] of rows) {
      const all = byTable.get(name);
      if (all === undefined) byTable.set(name, [...made]);
      else all.push(...made);
    }
  }
  db.run("SAVEPOINT batch");
  let taken = false;
  for (const [name, rows] of byTable) taken = insertInto(db, schema, name, rows) < rows.length || taken;
  if (taken) db.run("ROLLBACK TO batch");
  db.run("RELEASE batch");
  return taken ? insertOneByOne(db, schema, files) : [];
}

function insertOneByOne(db: Database, schema: SnapshotSchema, files: readonly FileRows[]): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { path, rows } of files) {
    const lost = [...rows].filter(([name, made]) => insertInto(db, schema, name, made) < made.length);
    const names = lost.map(([name]) => name).join(", ");
    if (lost.length > 0)
      problems.push({ path, code: ROW_TAKEN, message: `Another document fills the same row of ${names}` });
  }
  insertProblems(db, schema, problems);
  return problems;
}

function insertInto(
  db: Database,
  schema: SnapshotSchema,
  name: string,
  rows: readonly (readonly SqlValue[])[],
): number {
  const table = schema.tables.get(name);
  return table === undefined ? 0 : db.runMany(table.insert, rows);
}

/** Lists files that gave no rows, or not all. */
export function insertProblems(db: Database, schema: SnapshotSchema, problems: readonly Problem[]): void {
  insertInto(
    db,
    schema,
    "problems",
    problems.map(({ path, code, message }) => [path, code, message]),
  );
}

/** Removes the rows of a file by their primary keys. */
export function removeRows(db: Database, schema: SnapshotSchema, rows: Rows): void {
  for (const [name, made] of rows) {
    const table = schema.tables.get(name);
    if (table === undefined) continue;
    db.runMany(
      table.remove,
      made.map((row) => table.primary.map((i) => row[i] ?? null)),
    );
  }
}
