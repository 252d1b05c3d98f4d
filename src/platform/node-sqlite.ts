import { ToolError } from "../kernel/errors.ts";
import type { Database, QueryResult, SqlEngine, SqlValue } from "../ports/sql.ts";
import { checkOneStatement } from "./one-statement.ts";
import { attempt, attemptToRead } from "./sql-failures.ts";

/** What this uses of `node:sqlite`; the types of the oldest Node do not know it. */
interface Sqlite {
  readonly DatabaseSync: {
    new (path: string, options: Readonly<Record<string, boolean>>): Raw;
    readonly prototype: object;
  };
  readonly constants: Readonly<Record<string, number>>;
}

interface Raw {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  serialize(): Uint8Array;
  deserialize(bytes: Uint8Array, options?: { readonly dbName: string }): void;
  enableDefensive(on: boolean): void;
  setAuthorizer(decide: Authorizer | null): void;
  close(): void;
}

type Authorizer = (action: number) => number;
type Bound = string | number | bigint | Uint8Array | null;

interface Statement {
  run(...values: readonly Bound[]): { readonly changes: number | bigint };
  iterate(...values: readonly Bound[]): Iterable<readonly Bound[]>;
  columns(): readonly { readonly name: string }[];
  setReadBigInts(on: boolean): void;
  setReturnArrays(on: boolean): void;
}

/** Quoted names that are none count as text, as sql.js has it. */
const OPTIONS = { enableDoubleQuotedStringLiterals: true, enableForeignKeyConstraints: false, allowExtension: false };

/**
 * Makes the engine over SQLite as Node has it, in memory like the other one; null where this Node has none, or one that cannot be
 * filled from bytes. What this user did not build is opened by `sandboxed`: a bug of SQLite can do nothing outside WebAssembly.
 */
export function nodeSqliteEngine(sandboxed: SqlEngine): SqlEngine | null {
  const sqlite = load();
  if (sqlite === null) return null;
  return {
    async open(bytes, options = {}) {
      if (options.untrusted === true) return sandboxed.open(bytes, options);
      return openDatabase(sqlite, bytes, options.readOnly === true);
    },
  };
}

const NEEDED = ["serialize", "deserialize", "enableDefensive", "setAuthorizer"] as const;

function load(): Sqlite | null {
  const sqlite = withoutItsWarning(() => process.getBuiltinModule("node:sqlite") as unknown as Sqlite | undefined);
  return sqlite !== undefined && NEEDED.every((name) => name in sqlite.DatabaseSync.prototype) ? sqlite : null;
}

/** Some versions warn that it is experimental when it is loaded; every other warning is none of ours to hide. */
function withoutItsWarning<T>(work: () => T): T {
  const emitWarning = process.emitWarning.bind(process);
  const quiet = (...[warning, ...how]: Parameters<typeof emitWarning>) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (!text.startsWith("SQLite is an experimental feature")) Reflect.apply(emitWarning, undefined, [warning, ...how]);
  };
  process.emitWarning = quiet as typeof emitWarning;
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function openDatabase(sqlite: Sqlite, bytes: Uint8Array | undefined, readOnly: boolean): Database {
  const raw = new sqlite.DatabaseSync(":memory:", OPTIONS);
  const close = () => raw.close();
  attemptToRead(() => {
    raw.enableDefensive(true);
    if (bytes !== undefined) raw.deserialize(filled(bytes));
    raw.setAuthorizer(withoutFiles(sqlite.constants));
    if (readOnly) raw.exec("PRAGMA query_only=ON");
    raw.prepare("SELECT count(*) FROM sqlite_schema").run();
  }, close);
  return {
    run(text, values = []) {
      if (values.length === 0) attempt(() => raw.exec(text));
      else attempt(() => raw.prepare(text).run(...values.map(bound)));
    },
    runMany: (text, rows) => attempt(() => runMany(raw, text, rows)),
    rows: (text, values = [], limit = Number.POSITIVE_INFINITY) => attempt(() => query(raw, text, values, limit)),
    adopt(other, table) {
      // Nothing can be done any more beside an attached database that is none, not even detaching it.
      openDatabase(sqlite, other, true).close();
      adopt(raw, sqlite.constants, other, table);
    },
    bytes: () => attempt(() => raw.serialize()),
    close,
  };
}

/** No statement, whoever wrote it, reaches a file. */
function withoutFiles({ SQLITE_ATTACH, SQLITE_OK = 0, SQLITE_DENY = 1 }: Sqlite["constants"]): Authorizer {
  return (action) => (action === SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK);
}

function adopt(raw: Raw, constants: Sqlite["constants"], other: Uint8Array, table: string): void {
  const isReadOnly = query(raw, "PRAGMA query_only", [], 1).rows[0]?.[0] === 1;
  let isAttached = false;
  const end = () => {
    if (isAttached) raw.exec("DETACH adopted");
    if (isReadOnly) raw.exec("PRAGMA query_only=ON");
    raw.setAuthorizer(withoutFiles(constants));
  };
  raw.setAuthorizer(null);
  attemptToRead(() => {
    raw.exec("PRAGMA query_only=OFF");
    raw.exec("ATTACH ':memory:' AS adopted");
    isAttached = true;
    raw.deserialize(filled(other), { dbName: "adopted" });
    const name = `"${table.replaceAll('"', '""')}"`;
    raw.exec(`INSERT INTO main.${name} SELECT * FROM adopted.${name}`);
  }, end);
  end();
}

function filled(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new ToolError("sql.damaged", "it is empty");
  return bytes;
}

function runMany(raw: Raw, text: string, rows: Iterable<readonly SqlValue[]>): number {
  const statement = raw.prepare(text);
  let changed = 0;
  for (const row of rows) changed += Number(statement.run(...row.map(bound)).changes);
  return changed;
}

function query(raw: Raw, text: string, values: readonly SqlValue[], limit: number): QueryResult {
  checkOneStatement(text);
  const statement = raw.prepare(text);
  // As an array, since two columns may have one name; as big integers, since another one would be refused.
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const columns = statement.columns().map(({ name }) => name);
  const rows: (readonly SqlValue[])[] = [];
  for (const row of statement.iterate(...values.map(bound))) {
    if (rows.length >= limit) return { columns, rows, more: true };
    rows.push(row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
  }
  return { columns, rows, more: false };
}

/** A whole number as SQLite's integer: it would become a real one, which reads otherwise as text. */
function bound(value: SqlValue): Bound {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}
