import type { Log } from "../ports/log.ts";
import type { SqlEngine } from "../ports/sql.ts";
import { nodeSqliteEngine } from "./node-sqlite.ts";
import { sqlJsEngine } from "./sql-js.ts";

/** Makes the fastest engine that this Node has: its own SQLite, else the one in WebAssembly. Both answer alike. */
export function sqlEngine(log: Pick<Log, "detail">): SqlEngine {
  const sandboxed = sqlJsEngine();
  const own = nodeSqliteEngine(sandboxed);
  log.detail(own === null ? "SQLite: sql.js, in WebAssembly" : "SQLite: node:sqlite");
  return own ?? sandboxed;
}
