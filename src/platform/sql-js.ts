import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import type initSqlJs from "sql.js";
import type { Database, QueryResult, SqlEngine, SqlValue } from "../ports/sql.ts";
import { checkOneStatement } from "./one-statement.ts";
import { attempt, attemptToRead } from "./sql-failures.ts";
import { runMany } from "./sql-js-rows.ts";

type SqlJs = Awaited<ReturnType<typeof initSqlJs>>;
type Raw = InstanceType<SqlJs["Database"]>;
type Statement = ReturnType<Raw["prepare"]>;

/** The database lies in memory: no journal on "disk", and a cache of 64 MB, so that pages are written once. */
const memory = ["PRAGMA journal_mode=MEMORY", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-65536"];

let loading: Promise<SqlJs> | undefined;

/** Loads SQLite once per process, when it is first needed. */
function load(): Promise<SqlJs> {
  loading ??= (async () => {
    // Without it V8 optimises the module in the background and the process waits for that at its end (75 ms).
    setFlagsFromString("--liftoff-only");
    // The module is our own; what a command does not call of it need not be looked at.
    setFlagsFromString("--wasm-lazy-validation");
    // By this name the bundle leaves it alone and finds it beside itself.
    const init = createRequire(import.meta.url)("#sql.js") as typeof initSqlJs;
    return init();
  })();
  return loading;
}

/** Makes the engine over sql.js. Nothing is loaded before it is asked for. */
export function sqlJsEngine(): SqlEngine {
  return {
    warm() {
      // Whoever opens a database hears of it.
      load().catch(() => undefined);
    },
    async open(bytes, options = {}) {
      const sql = await load();
      return openDatabase(sql, bytes, [
        ...(options.untrusted === true ? ["PRAGMA trusted_schema=OFF", "PRAGMA cell_size_check=ON"] : []),
        ...(options.untrusted === true || options.readOnly === true ? ["PRAGMA query_only=ON"] : []),
      ]);
    },
  };
}

function openDatabase(sql: SqlJs, bytes: Uint8Array | undefined, pragmas: readonly string[]): Database {
  const raw = bytes === undefined ? new sql.Database() : new sql.Database(bytes);
  const setUp = () => void raw.run([...memory, ...pragmas].join("; "));
  attemptToRead(
    () => {
      raw.exec("SELECT count(*) FROM sqlite_schema");
      setUp();
    },
    () => raw.close(),
  );
  // Exporting closes and opens the database again, which loses what was set.
  const keepingReadOnly = <T>(work: () => T): T => {
    const isReadOnly = query(raw, "PRAGMA query_only", [], 1).rows[0]?.[0] === 1;
    try {
      return work();
    } finally {
      setUp();
      if (isReadOnly) raw.run("PRAGMA query_only=ON");
    }
  };
  return {
    run(text, values = []) {
      attempt(() => raw.run(text, [...values]));
    },
    runMany: (text, rows) => attempt(() => runMany(sql, raw, text, rows)),
    rows: (text, values = [], limit = Number.POSITIVE_INFINITY) => attempt(() => query(raw, text, values, limit)),
    adopt: (other, table) => keepingReadOnly(() => adopt(raw, new sql.Database(other), table)),
    bytes: () => keepingReadOnly(() => raw.export()),
    close() {
      raw.close();
    },
  };
}

/** Every database of sql.js is a file of its own in the memory of the module, so that one can be attached to another. */
function adopt(raw: Raw, other: Raw, table: string): void {
  let isAttached = false;
  const end = () => {
    if (isAttached) raw.run("DETACH adopted");
    other.close();
  };
  attemptToRead(() => {
    raw.run("PRAGMA query_only=OFF");
    raw.run("ATTACH ? AS adopted", [fileOf(other)]);
    isAttached = true;
    const name = `"${table.replaceAll('"', '""')}"`;
    raw.run(`INSERT INTO main.${name} SELECT * FROM adopted.${name}`);
  }, end);
  end();
}

/** The types of sql.js do not name it. */
function fileOf(database: Raw & { readonly filename?: unknown }): string {
  return String(database.filename);
}

function query(raw: Raw, text: string, values: readonly SqlValue[], limit: number): QueryResult {
  checkOneStatement(text);
  const statement = raw.prepare(text);
  try {
    return answer(statement, values, limit);
  } finally {
    statement.free();
  }
}

function answer(statement: Statement, values: readonly SqlValue[], limit: number): QueryResult {
  if (values.length > 0) statement.bind([...values]);
  const columns = statement.getColumnNames();
  const rows: (readonly SqlValue[])[] = [];
  while (statement.step()) {
    if (rows.length >= limit) return { columns, rows, more: true };
    rows.push(statement.get());
  }
  return { columns, rows, more: false };
}
