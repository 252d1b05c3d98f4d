import { isData, type Json } from "../../kernel/json.ts";
import type { Database, SqlValue } from "../../ports/sql.ts";

/** A statement that was run, with the values of each time; bytes as `{"hex": …}`. */
export type Step = readonly [sql: string, rows: readonly (readonly Json[])[]];

/** A database that remembers what is written to it. */
export interface Recorded {
  readonly database: Database;
  readonly steps: readonly Step[];
}

/**
 * Remembers every statement that writes: running them again on the same bytes gives the same rows. So an operation costs what it
 * changes, and not a new copy of everything.
 */
export function recorded(database: Database): Recorded {
  const steps: Step[] = [];
  const note = (sql: string, rows: readonly (readonly SqlValue[])[]) => {
    steps.push([sql, rows.map((row) => row.map(written))]);
  };
  return {
    steps,
    database: {
      ...database,
      run(sql, values = []) {
        note(sql, [values]);
        database.run(sql, values);
      },
      runMany(sql, given) {
        const rows = [...given];
        if (rows.length > 0) note(sql, rows);
        return database.runMany(sql, rows);
      },
    },
  };
}

/** Runs steps again. Throws `sql.invalid` where they do not fit the database. */
export function replay(database: Database, steps: readonly Step[]): void {
  for (const [sql, rows] of steps) {
    const [first = []] = rows;
    if (rows.length === 1 && first.length === 0) database.run(sql);
    else
      database.runMany(
        sql,
        rows.map((row) => row.map(read)),
      );
  }
}

/** Reads steps from what was stored; null where it is none. */
export function stepsOf(value: Json | undefined): readonly Step[] | null {
  const steps = listOf(value)?.map(stepOf) ?? [null];
  const known = steps.filter((step) => step !== null);
  return known.length === steps.length ? known : null;
}

function stepOf(value: Json): Step | null {
  const [sql, rows] = listOf(value) ?? [];
  return typeof sql === "string" ? [sql, (listOf(rows) ?? []).map((row) => listOf(row) ?? [])] : null;
}

function listOf(value: Json | undefined): readonly Json[] | null {
  return Array.isArray(value) ? (value satisfies readonly Json[]) : null;
}

function written(value: SqlValue): Json {
  return value instanceof Uint8Array ? { hex: Buffer.from(value).toString("hex") } : value;
}

function read(value: Json): SqlValue {
  const { hex } = isData(value) ? value : {};
  if (typeof hex === "string") return Buffer.from(hex, "hex");
  return typeof value === "string" || typeof value === "number" ? value : null;
}
