import type initSqlJs from "sql.js";
import type { SqlValue } from "../ports/sql.ts";

type SqlJs = Awaited<ReturnType<typeof initSqlJs>>;
type Raw = InstanceType<SqlJs["Database"]>;
type Statement = ReturnType<Raw["prepare"]>;
type Row = readonly SqlValue[];

/** What the module of sql.js has besides what its types name; numbers are addresses. */
interface Module {
  readonly writeArrayToMemory: (bytes: Uint8Array, address: number) => void;
  readonly UTF8ToString: (address: number) => string;
  readonly cwrap: (name: string, answer: "number", values: readonly "number"[]) => (...values: number[]) => number;
}

const [OK, ROW, DONE] = [0, 100, 101];
/** Rows that go into memory together, and fewer than are worth it. */
const TOGETHER = 500;
const FEW = 16;

/** Runs one statement for many rows and tells how many rows it changed. */
export function runMany(sql: SqlJs, raw: Raw, text: string, rows: Iterable<Row>): number {
  const module = sql as unknown as Module;
  const statement = raw.prepare(text);
  let changed = 0;
  try {
    for (const some of slicesOf(rows)) {
      const news = newsOf(some);
      changed +=
        news === null
          ? runEach(raw, statement, some)
          : runTogether(module, raw, addressOf(module, statement, text), some, news);
    }
  } finally {
    statement.free();
  }
  return changed;
}

function* slicesOf(rows: Iterable<Row>): Generator<readonly Row[]> {
  let slice: Row[] = [];
  for (const row of rows) {
    slice.push(row);
    if (slice.length < TOGETHER) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

/** What differs in rows from the row before. */
interface News {
  /** Of each value, row after row: 1 where it is another one. */
  readonly isNew: Uint8Array;
  /** Those of them that are texts, with a zero between. */
  readonly texts: string;
}

/** Null for few rows, and where they are not of one length or hold bytes. */
function newsOf(rows: readonly Row[]): News | null {
  const width = rows[0]?.length ?? 0;
  if (rows.length < FEW) return null;
  const isNew = new Uint8Array(rows.length * width);
  const texts: string[] = [];
  let before: Row = [];
  let at = 0;
  for (const row of rows) {
    if (row.length !== width) return null;
    for (let i = 0; i < width; i += 1, at += 1) {
      const value = row[i];
      if (value === before[i]) continue;
      isNew[at] = 1;
      if (typeof value === "string") texts.push(value);
      else if (value instanceof Uint8Array) return null;
    }
    before = row;
  }
  return { isNew, texts: texts.join("\0") };
}

function runEach(raw: Raw, statement: Statement, rows: readonly Row[]): number {
  let changed = 0;
  for (const row of rows) {
    statement.run(row as SqlValue[]);
    changed += raw.getRowsModified();
  }
  return changed;
}

/** The engine keeps it to itself, under a name of its own. */
function addressOf({ UTF8ToString, cwrap }: Module, statement: Statement, text: string): number {
  const textOf = cwrap("sqlite3_sql", "number", ["number"]);
  for (const value of Object.values(statement) as readonly unknown[])
    if (typeof value === "number" && UTF8ToString(textOf(value)) === text) return value;
  throw new Error("sql.js keeps the address of a statement in another way");
}

/** SQLite's own functions. */
function sqliteOf({ cwrap }: Module) {
  const take = (name: string) => cwrap(name, "number", []);
  return {
    malloc: take("malloc"),
    free: take("free"),
    bindText: take("sqlite3_bind_text"),
    bindBlob: take("sqlite3_bind_blob"),
    bindInt: take("sqlite3_bind_int"),
    bindDouble: take("sqlite3_bind_double"),
    clearBindings: take("sqlite3_clear_bindings"),
    step: take("sqlite3_step"),
    reset: take("sqlite3_reset"),
    changes: take("sqlite3_changes"),
    errmsg: take("sqlite3_errmsg"),
  };
}

/**
 * Puts the texts of all rows into the module's memory at once, and binds of each row only what differs from the row before. The
 * engine's own way, a piece of memory for each value, takes as long as what SQLite does with it.
 */
function runTogether(module: Module, raw: Raw, statement: number, rows: readonly Row[], news: News): number {
  const sqlite = sqliteOf(module);
  const { db } = raw as unknown as { readonly db: number };
  const bytes = Buffer.from(news.texts);
  const isAscii = bytes.length === news.texts.length;
  const memory = sqlite.malloc(bytes.length + 1);
  if (memory === 0) throw new Error("out of memory");
  let at = memory;
  const bind = (place: number, value: SqlValue | undefined): number => {
    if (typeof value === "number")
      return value === (value | 0)
        ? sqlite.bindInt(statement, place, value)
        : sqlite.bindDouble(statement, place, value);
    if (typeof value !== "string") return sqlite.bindBlob(statement, place, 0, 0, 0);
    const [text, length] = [at, isAscii ? value.length : Buffer.byteLength(value)];
    at += length + 1;
    return sqlite.bindText(statement, place, text, length, 0);
  };
  let changed = 0;
  let value = 0;
  try {
    module.writeArrayToMemory(bytes, memory);
    for (const row of rows) {
      let code = OK;
      for (let i = 0; i < row.length && code === OK; i += 1, value += 1)
        if (news.isNew[value] === 1) code = bind(i + 1, row[i]);
      if (code === OK) code = sqlite.step(statement);
      if (code !== DONE && code !== ROW) throw new Error(module.UTF8ToString(sqlite.errmsg(db)));
      changed += sqlite.changes(db);
      sqlite.reset(statement);
    }
  } finally {
    sqlite.reset(statement);
    sqlite.clearBindings(statement);
    sqlite.free(memory);
  }
  return changed;
}
