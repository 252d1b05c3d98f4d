/** A value that SQL holds. */
export type SqlValue = string | number | Uint8Array | null;

/** An open database; `close` frees its memory. */
export interface Database {
  run(sql: string, values?: readonly SqlValue[]): void;
  /** Runs one statement for many rows, prepared once. */
  runMany(sql: string, rows: Iterable<readonly SqlValue[]>): void;
  rows(
    sql: string,
    values?: readonly SqlValue[],
  ): { readonly columns: readonly string[]; readonly rows: readonly (readonly SqlValue[])[] };
  bytes(): Uint8Array;
  close(): void;
}

/** SQLite, built and read in memory. A database that this user did not build is opened with `untrusted`. */
export interface SqlEngine {
  open(bytes?: Uint8Array, options?: { readonly untrusted?: boolean; readonly readOnly?: boolean }): Promise<Database>;
}
