/** A value that SQL holds. */
export type SqlValue = string | number | Uint8Array | null;

/** What a query answers. `more` is true where rows were left out because of a bound. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  readonly more: boolean;
}

/** An open database; `close` frees its memory. */
export interface Database {
  run(sql: string, values?: readonly SqlValue[]): void;
  /** Runs one statement for many rows, prepared once; tells how many rows it changed. */
  runMany(sql: string, rows: Iterable<readonly SqlValue[]>): number;
  /** Answers one statement, at most `limit` rows of it. Throws `sql.invalid`, also for more than one statement. */
  rows(sql: string, values?: readonly SqlValue[], limit?: number): QueryResult;
  /**
   * Adds the rows of a table of another database, which this user built, to the same table here, also where this one is read-only.
   * Outside a transaction. Throws `sql.damaged` where the bytes are no database with that table.
   */
  adopt(bytes: Uint8Array, table: string): void;
  bytes(): Uint8Array;
  close(): void;
}

/** SQLite, built and read in memory. A database that this user did not build is opened with `untrusted`. */
export interface SqlEngine {
  /** Begins to load what opening waits for, where there is something else to do meanwhile. */
  warm?(): void;
  /** Throws `sql.damaged` where the bytes are no database. */
  open(bytes?: Uint8Array, options?: { readonly untrusted?: boolean; readonly readOnly?: boolean }): Promise<Database>;
}
