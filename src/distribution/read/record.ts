import { ToolError } from "../../kernel/errors.ts";
import type { Database, SqlValue } from "../../ports/sql.ts";

/** One row of the snapshot, read by column; a column of another type is a bug of the query. */
export interface Row {
  text(column: string): string;
  textOrNull(column: string): string | null;
  integer(column: string): number;
  integerOrNull(column: string): number | null;
  /** Words of a column that holds them with spaces between; none where it is null or empty. */
  words(column: string): readonly string[];
  /** A text that is one of a few. */
  oneOf<T extends string>(column: string, values: readonly T[]): T;
}

/** Asks the snapshot; values are always bound. At most `limit` rows, `more` says whether there were others. */
export function ask(
  database: Database,
  sql: string,
  values: readonly SqlValue[] = [],
  limit?: number,
): { readonly rows: readonly Row[]; readonly more: boolean } {
  const found = database.rows(sql, values, limit);
  const places = new Map(found.columns.map((column, i) => [column, i]));
  return { rows: found.rows.map((row) => rowOf(places, row)), more: found.more };
}

function rowOf(places: ReadonlyMap<string, number>, row: readonly SqlValue[]): Row {
  const value = (column: string): SqlValue => {
    const found = row[places.get(column) ?? -1];
    if (found === undefined) throw new ToolError("internal.bug", `No column ${column} was asked for`);
    return found;
  };
  const typed = <T extends string | number>(column: string, found: T | null | undefined): T => {
    if (found === null || found === undefined) throw new ToolError("internal.bug", `The column ${column} is empty`);
    return found;
  };
  const textOrNull = (column: string): string | null => {
    const found = value(column);
    return typeof found === "string" ? found : null;
  };
  const integerOrNull = (column: string): number | null => {
    const found = value(column);
    return typeof found === "number" ? found : null;
  };
  return {
    textOrNull,
    integerOrNull,
    text: (column) => typed(column, textOrNull(column)),
    integer: (column) => typed(column, integerOrNull(column)),
    words: (column) => (textOrNull(column) ?? "").split(" ").filter((word) => word !== ""),
    oneOf: (column, values) => {
      const found = value(column);
      const known = values.find((one) => one === found);
      if (known === undefined) throw new ToolError("internal.bug", `The column ${column} holds another word`);
      return known;
    },
  };
}
