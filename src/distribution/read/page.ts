import { type Refused, reason, refuse } from "../../kernel/errors.ts";
import type { SqlValue } from "../../ports/sql.ts";

/** Rows of a page where nobody says how many. */
const DEFAULT_LIMIT = 100;
/** Most rows of one page. */
const MAX_LIMIT = 1000;

/** Which page is asked for, as it was typed. */
export interface PageAsked {
  readonly limit: number | null;
  readonly after: string | null;
}

/** Which page to read; `after` holds the key of the last row before it. */
export interface Page {
  readonly limit: number;
  readonly after: readonly string[] | null;
}

/** A column of an order. Together the columns of an order tell any two rows apart. */
export interface Sorted {
  readonly column: string;
  readonly descending?: true;
}

/** Reads which page is asked for; a cursor of another list is refused. */
export function readPage(asked: PageAsked, order: readonly Sorted[]): Page | Refused {
  const limit = asked.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    return refuse(
      reason(
        "usage.invalid_argument",
        `--limit takes a whole number from 1 to ${MAX_LIMIT}`,
        {},
        "Take fewer rows, and go on with --after",
      ),
    );
  if (asked.after === null) return { limit, after: null };
  const after = keysIn(asked.after);
  if (after !== null && after.length === order.length) return { limit, after };
  return refuse(
    reason(
      "usage.invalid_argument",
      "--after takes what the page before ended with",
      {},
      "Leave --after out to begin anew",
    ),
  );
}

/** Prints the key of a row for `--after`; it holds for one list and its filters, and stays right when rows come and go. */
export function cursorOf(keys: readonly string[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

function keysIn(cursor: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) && value.every((key) => typeof key === "string") ? value : null;
  } catch {
    return null;
  }
}

/** A condition with the values that it binds. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** The rows after a key, in an order: the first column alone bounds the search, so that an index serves it. */
export function afterKey(order: readonly Sorted[], after: readonly string[] | null): readonly Condition[] {
  const [first] = order;
  if (after === null || first === undefined) return [];
  const values: SqlValue[] = [after[0] ?? ""];
  const chain = (i: number): string => {
    const { column, descending } = order[i] ?? first;
    const beyond = `${column} ${descending ? "<" : ">"} ?`;
    values.push(after[i] ?? "");
    if (i === order.length - 1) return beyond;
    values.push(after[i] ?? "");
    return `(${beyond} OR (${column} = ? AND ${chain(i + 1)}))`;
  };
  const bound = `${first.column} ${first.descending ? "<=" : ">="} ?`;
  return [{ sql: `${bound} AND ${chain(0)}`, values }];
}

/** `WHERE … ORDER BY …` of conditions and an order. */
export function clauses(
  conditions: readonly Condition[],
  order: readonly Sorted[],
): { readonly sql: string; readonly values: readonly SqlValue[] } {
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.map(({ sql }) => `(${sql})`).join(" AND ")}`;
  const by = order.map(({ column, descending }) => `${column}${descending ? " DESC" : ""}`).join(", ");
  return { sql: `${where} ORDER BY ${by}`, values: conditions.flatMap(({ values }) => values) };
}

/** A condition that a column equals what was asked for; none where nothing was. */
export function equals(column: string, value: SqlValue): readonly Condition[] {
  return value === null ? [] : [{ sql: `${column} = ?`, values: [value] }];
}
