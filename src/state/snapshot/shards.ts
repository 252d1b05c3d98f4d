import { sha256Hex } from "../../kernel/digest.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import type { Sources } from "./build.ts";
import { type Content, contents, type FactFile, factFiles, FactInserter } from "./facts.ts";
import { beginFilling, endFilling } from "./fill.ts";
import { insertProblems } from "./insert.ts";
import { monthFolders } from "./months.ts";
import type { RowMaker } from "./rows.ts";
import { quoted, type SnapshotSchema, type TableSql } from "./schema.ts";

/** A database of the old history of one month. Its content never changes while the facts of that month do not. */
export interface Shard {
  readonly month: string;
  /** How many rows each of its tables has. */
  readonly rows: Readonly<Record<string, number>>;
  readonly size_bytes: number;
  readonly sha256: string;
}

/** Takes a shard that was built; only one of them is in memory at a time. */
export type KeepShard = (shard: Shard, bytes: Uint8Array) => Promise<void>;

/** What rows go into: the core, or one shard after another, in order of months. */
export interface Cut {
  /** Inserts rows of files where they belong. */
  insert(files: readonly Content[]): Promise<void>;
  /** Notes a file that gives no rows, at any time. */
  readonly note: (file: Content) => void;
  /** Ends the last shard and answers all of them, oldest first. */
  end(): Promise<readonly Shard[]>;
}

/** Prepares to cut history into core and shards. What is wrong with documents of a shard stands in `problems` of the core. */
export function cutInto(
  on: { readonly sql: SqlEngine; readonly core: Database },
  make: RowMaker,
  keep: KeepShard,
): Cut {
  const shards: Shard[] = [];
  const core = { month: null, db: on.core, into: new FactInserter(on.core, make) };
  let open: { readonly month: string | null; readonly db: Database; readonly into: FactInserter } = core;
  const finish = async () => {
    const { month, db, into } = open;
    open = core;
    into.flush();
    if (month === null) return;
    const problems = db.rows("SELECT path, code, message FROM problems").rows;
    insertProblems(
      on.core,
      make.schema,
      problems.map(([path, code, message]) => ({ path: String(path), code: String(code), message: String(message) })),
    );
    endFilling(db, shardTables(make.schema));
    const rows = Object.fromEntries([...make.schema.history.keys()].map((name) => [name, countRows(db, name)]));
    const bytes = db.bytes();
    db.close();
    if (Object.values(rows).every((count) => count === 0)) return;
    const shard = { month, rows, size_bytes: bytes.length, sha256: sha256Hex(bytes) };
    await keep(shard, bytes);
    shards.push(shard);
  };
  const goTo = async (month: string | null) => {
    await finish();
    if (month === null) return;
    const db = await emptyShard(on.sql, make.schema);
    open = { month, db, into: new FactInserter(db, make) };
  };
  return {
    async insert(files) {
      for (const each of files) {
        const { month } = each.file;
        if (month !== open.month) await goTo(month);
        open.into.add(each);
      }
    },
    note: (file) => core.into.add(file),
    async end() {
      await finish();
      core.into.flush();
      return shards;
    },
  };
}

/** Builds the shard of a month from the branches; null where it has no rows. */
export async function buildMonth(
  on: { readonly sql: SqlEngine; readonly core: Database },
  from: Sources,
  make: RowMaker,
  month: { readonly month: string; readonly first: string },
  keep: KeepShard,
): Promise<Shard | null> {
  const cut = cutInto(on, make, keep);
  const files = factFiles(from, month.first, monthFolders(from.kinds, month.month));
  for await (const some of contents(from.store, ofMonth(files, month.month), cut.note)) await cut.insert(some);
  return (await cut.end())[0] ?? null;
}

async function* ofMonth(lists: AsyncIterable<readonly FactFile[]>, month: string): AsyncGenerator<readonly FactFile[]> {
  for await (const files of lists) yield files.filter((file) => file.month === month);
}

/** Builds the shard of a month whose own is not there, and answers its bytes. What is wrong with its documents is known already. */
export async function monthBytes(
  sql: SqlEngine,
  from: Sources,
  schema: SnapshotSchema,
  month: string,
  keep: KeepShard,
): Promise<Uint8Array> {
  const core = await sql.open();
  for (const table of schema.tables.values()) core.run(table.create);
  let made: Uint8Array | null = null;
  const both: KeepShard = async (shard, bytes) => {
    made = bytes;
    await keep(shard, bytes);
  };
  const make: RowMaker = { schema, schemas: from.schemas, policy: null };
  await buildMonth({ sql, core }, from, make, { month, first: `${month}~` }, both);
  core.close();
  if (made !== null) return made;
  const empty = await emptyShard(sql, schema);
  endFilling(empty, shardTables(schema));
  return empty.bytes();
}

/** How many rows a table has. */
function countRows(db: Database, table: string): number {
  const [[rows] = []] = db.rows(`SELECT count(*) FROM ${quoted(table)}`).rows;
  return typeof rows === "number" ? rows : 0;
}

async function emptyShard(sql: SqlEngine, schema: SnapshotSchema): Promise<Database> {
  const db = await beginFilling(sql, shardTables(schema));
  // Of no lasting use, so it is not in the bytes.
  db.run("CREATE TEMP TABLE problems (path text PRIMARY KEY, code text, message text)");
  return db;
}

function shardTables({ tables, history }: SnapshotSchema): readonly TableSql[] {
  return [...tables.values()].filter(({ name }) => history.has(name));
}
