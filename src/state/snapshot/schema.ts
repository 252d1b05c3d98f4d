import { sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { AnyKind } from "../document-kind.ts";
import { proofColumns } from "../proof-columns.ts";

/** Goes up when the same documents give other rows of the same tables: nobody goes on with those of before. */
const ROWS_FORM = 2;

/** A table as SQL. */
export interface TableSql {
  readonly name: string;
  readonly columns: readonly string[];
  /** Positions of the primary key among the columns. */
  readonly primary: readonly number[];
  readonly create: string;
  /** Creates it where rows are gathered: it hides the table of its name in the database itself. */
  readonly createTemporary: string;
  /** Run after the rows of a build are in: an index is cheaper to make than to keep. */
  readonly indexes: readonly string[];
  readonly insert: string;
  readonly remove: string;
}

/** Tables of a snapshot. */
export interface SnapshotSchema {
  /** All tables by name, in code point order. */
  readonly tables: ReadonlyMap<string, TableSql>;
  /** Tables whose rows depend on decisions; they are filled anew when decisions change. */
  readonly decided: ReadonlySet<string>;
  /** Tables whose old rows lie in shards, each with the column that begins with the month. */
  readonly history: ReadonlyMap<string, string>;
  /** SHA-256 over every statement and the form of rows: another one means another snapshot. */
  readonly digest: string;
}

/** What a table is made from. */
interface Shape {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly primary: readonly string[];
  readonly indexes?: readonly (readonly string[])[];
}

/** Tables that belong to no kind of document. */
const own: readonly Shape[] = [
  { name: "meta", columns: { key: "text", value: "text" }, primary: ["key"] },
  // Facts of the kinds that fill decided tables, so that those can be filled anew without a walk over everything.
  { name: "files", columns: { path: "text", oid: "blob", mode: "text" }, primary: ["path"] },
  { name: "problems", columns: { path: "text", code: "text", message: "text" }, primary: ["path"] },
  {
    name: "proposals",
    columns: {
      merge_commit: "text",
      proposal_id: "text",
      status: "text",
      schema: "text",
      path: "text",
      app: "text",
      subject: "text",
      requested_by: "text",
      requested_at: "text",
      reason: "text",
      merged_at: "text",
      approvers: "text",
      ...proofColumns,
      condition: "text",
      message: "text",
      standing: "integer",
    },
    primary: ["merge_commit", "path"],
    indexes: [["proposal_id"]],
  },
];

/** Makes the tables of a family of kinds. Throws `internal.bug` where two kinds describe one table differently. */
export function schemaOf(kinds: readonly AnyKind[]): SnapshotSchema {
  const shapes = new Map(own.map((shape) => [shape.name, shape]));
  const decided = new Set<string>();
  const history = new Map<string, string>();
  for (const kind of kinds) {
    for (const table of kind.tables ?? []) {
      const { name, columns, primary, indexes = [] } = table;
      const shape: Shape = { name, columns, primary, indexes };
      const known = shapes.get(name);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(shape)) {
        throw new ToolError("internal.bug", `Two kinds describe the table ${name} differently`);
      }
      shapes.set(name, shape);
      if (kind.branch === "decisions" || table.byPolicy === true) decided.add(name);
      if (kind.history !== undefined) history.set(name, kind.history.column);
    }
  }
  const sorted = [...shapes.values()].toSorted((a, b) => byCodePoint(a.name, b.name)).map(tableSql);
  return {
    tables: new Map(sorted.map((table) => [table.name, table])),
    decided,
    history,
    digest: sha256Hex(JSON.stringify([ROWS_FORM, sorted, [...decided].toSorted(byCodePoint), [...history]])),
  };
}

function tableSql(shape: Shape): TableSql {
  const columns = Object.keys(shape.columns);
  const typed = columns.map((name) => `${quoted(name)} ${shape.columns[name]}`);
  const key = shape.primary.map(quoted);
  const table = `TABLE ${quoted(shape.name)} (${typed.join(", ")}, PRIMARY KEY (${key.join(", ")})) WITHOUT ROWID`;
  return {
    name: shape.name,
    columns,
    primary: shape.primary.map((name) => columns.indexOf(name)),
    create: `CREATE ${table}`,
    createTemporary: `CREATE TEMP ${table}`,
    indexes: (shape.indexes ?? []).map(
      (index) =>
        `CREATE INDEX ${quoted([shape.name, ...index].join("_"))} ON ${quoted(shape.name)} (${index.map(quoted).join(", ")})`,
    ),
    insert: `INSERT OR IGNORE INTO ${quoted(shape.name)} VALUES (${columns.map(() => "?").join(", ")})`,
    remove: `DELETE FROM ${quoted(shape.name)} WHERE ${key.map((name) => `${name} = ?`).join(" AND ")}`,
  };
}

/** A name of ours as SQL; names come from our own families only. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
