import { isOid, type Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import { insertMeta, type Sources, unhonouredOf } from "./build.ts";
import { insertDecisions } from "./decisions.ts";
import {
  contents,
  type FactFile,
  factFinder,
  factFolders,
  fillsDecided,
  insertFacts,
  madeOf,
  noteFiles,
  PLAIN,
} from "./facts.ts";
import { removeRows, ROW_TAKEN } from "./insert.ts";
import { firstMonth, shardMonth } from "./months.ts";
import { isProblem, type RowMaker } from "./rows.ts";
import { quoted, schemaOf, type SnapshotSchema } from "./schema.ts";
import { buildMonth, type KeepShard, type Shard } from "./shards.ts";

/** More differences than this are slower to apply than a build. */
const MAX_DIFFERENCES = 20_000;

/** What a snapshot holds now. */
export interface Before {
  readonly state: Oid;
  readonly decisions: Oid | null;
  readonly shards: readonly Shard[];
}

/**
 * Brings a snapshot to the sources by the difference of the trees, and answers its shards. A month that leaves the core, or whose
 * shard a change meets, is read anew as a whole. Answers null where only a build gives the right rows, and the database is then
 * good for nothing: two documents meet in one row, too much has changed, or the tip is older than what was cut off.
 * Throws `state.object.missing` where the old tip is gone.
 */
export async function updateSnapshot(
  on: { readonly sql: SqlEngine; readonly core: Database; readonly keep: KeepShard },
  before: Before,
  from: Sources,
): Promise<readonly Shard[] | null> {
  const { core: db } = on;
  const schema = schemaOf(from.kinds);
  const make: RowMaker = { schema, schemas: from.schemas, policy: from.view?.policy.document ?? null };
  if (db.rows("SELECT 1 FROM problems WHERE code = ?", [ROW_TAKEN]).rows.length > 0) return null;
  const first = firstMonth((await from.store.commit(from.state)).at);
  if (before.shards.some(({ month }) => month >= first)) return null;
  const [[unhonoured] = []] = db.rows("SELECT value FROM meta WHERE key = 'unhonoured'").rows;
  const decided = before.decisions !== (from.view?.tip ?? null) || unhonoured !== unhonouredOf(from.view);
  const changes = await changesOf(before.state, from, first);
  if (changes === null) return null;
  db.run("BEGIN");
  const shards = await updateShards(on, before.shards, from, make, { first, touched: changes.months });
  // When decisions have changed, the tables that depend on them are filled anew; their facts are only noted here.
  const apart = (place: FactFile["place"]) => decided && fillsDecided(schema, place.kind);
  await removeFacts(from, db, make, changes.gone, apart);
  const fresh = changes.come.filter(({ place }) => !apart(place));
  await insertFacts(from.store, db, make, fresh);
  if (decided) {
    noteFiles(
      db,
      changes.come.filter(({ place }) => apart(place)),
    );
    await refill(from, db, make);
  }
  insertMeta(db, schema, from);
  db.run("COMMIT");
  return db.rows("SELECT 1 FROM problems WHERE code = ?", [ROW_TAKEN]).rows.length > 0 ? null : shards;
}

interface Changes {
  readonly gone: readonly FactFile[];
  readonly come: readonly FactFile[];
  /** Months of shards that a change meets. */
  readonly months: ReadonlySet<string>;
}

async function changesOf(before: Oid, from: Sources, first: string): Promise<Changes | null> {
  const placeOf = factFinder(from.kinds);
  const gone: FactFile[] = [];
  const come: FactFile[] = [];
  const months = new Set<string>();
  if (before === from.state) return { gone, come, months };
  for await (const difference of from.store.diff(before, from.state, factFolders(from.kinds))) {
    const place = placeOf(difference.path);
    if (place === undefined) continue;
    const month = shardMonth(place, first);
    if (month !== null) {
      months.add(month);
      continue;
    }
    const { path, mode } = difference;
    const was = difference.modeBefore ?? PLAIN;
    if (difference.before !== null) gone.push({ path, oid: difference.before, place, mode: was, month });
    if (difference.after !== null) come.push({ path, oid: difference.after, place, mode, month });
    if (gone.length + come.length > MAX_DIFFERENCES) return null;
  }
  return { gone, come, months };
}

/** Reads the months anew that were touched or that are old now, and takes what the core had of them out of it. */
async function updateShards(
  on: { readonly sql: SqlEngine; readonly core: Database; readonly keep: KeepShard },
  before: readonly Shard[],
  from: Sources,
  make: RowMaker,
  { first, touched }: { readonly first: string; readonly touched: ReadonlySet<string> },
): Promise<readonly Shard[]> {
  const shards = new Map(before.map((shard) => [shard.month, shard]));
  const months = new Set([...touched, ...monthsInCore(on.core, make.schema, first)]);
  forgetProblems(on.core, from, first, months);
  for (const month of months) {
    for (const [table, column] of make.schema.history)
      on.core.run(`DELETE FROM ${quoted(table)} WHERE ${quoted(column)} >= ? AND ${quoted(column)} < ?`, [
        month,
        // Sorts after every text that begins with the month.
        `${month}~`,
      ]);
    const shard = await buildMonth(on, from, make, { month, first }, on.keep);
    if (shard === null) shards.delete(month);
    else shards.set(month, shard);
  }
  return [...shards.values()].toSorted((a, b) => byCodePoint(a.month, b.month));
}

/** Months before the first one of the core that still lie in it. */
function monthsInCore(core: Database, schema: SnapshotSchema, first: string): readonly string[] {
  return [...schema.history].flatMap(([table, column]) => {
    const name = quoted(column);
    const sql = `SELECT DISTINCT substr(${name}, 1, 7) FROM ${quoted(table)} WHERE ${name} < ?`;
    return core.rows(sql, [first]).rows.map(([month]) => String(month));
  });
}

function forgetProblems(core: Database, { kinds }: Sources, first: string, months: ReadonlySet<string>): void {
  if (months.size === 0) return;
  const placeOf = factFinder(kinds);
  const known = core.rows("SELECT path FROM problems").rows.filter(([path]) => {
    const place = placeOf(String(path));
    const month = place && shardMonth(place, first);
    return typeof month === "string" && months.has(month);
  });
  core.runMany("DELETE FROM problems WHERE path = ?", known);
}

/** Removes the rows that files gave as they were, and forgets the files. */
async function removeFacts(
  from: Sources,
  db: Database,
  make: RowMaker,
  files: readonly FactFile[],
  apart: (place: FactFile["place"]) => boolean,
): Promise<void> {
  const paths = files.map(({ path }) => [path]);
  // A file that is a problem gave no rows; what it says must not take away those of another.
  const bad = new Set(db.rows("SELECT path FROM problems").rows.map(([path]) => path));
  db.runMany("DELETE FROM problems WHERE path = ?", paths);
  db.runMany("DELETE FROM files WHERE path = ?", paths);
  const own = files.filter(({ place, path }) => !apart(place) && !bad.has(path));
  for await (const some of contents(from.store, [own], () => undefined))
    for (const { file, bytes } of some) {
      const made = madeOf(make, file, bytes);
      if (!isProblem(made)) for (const { rows } of made) removeRows(db, make.schema, rows);
    }
}

/** Fills the tables that depend on decisions anew. */
async function refill(from: Sources, db: Database, make: RowMaker): Promise<void> {
  const files = notedFiles(db, from, make.schema);
  for (const table of [...make.schema.decided, "proposals", "files"]) db.run(`DELETE FROM ${quoted(table)}`);
  db.runMany(
    "DELETE FROM problems WHERE path = ?",
    files.map(({ path }) => [path]),
  );
  insertDecisions(db, make.schema, from.kinds, from.view);
  await insertFacts(from.store, db, make, files);
}

function notedFiles(db: Database, from: Sources, schema: SnapshotSchema): readonly FactFile[] {
  const placeOf = factFinder(from.kinds);
  return db.rows("SELECT path, lower(hex(oid)), mode FROM files ORDER BY path").rows.flatMap(([path, oid, mode]) => {
    if (typeof path !== "string" || typeof oid !== "string" || !isOid(oid)) return [];
    const place = placeOf(path);
    return place !== undefined && fillsDecided(schema, place.kind)
      ? [{ path, oid, place, mode: typeof mode === "string" ? mode : "", month: null }]
      : [];
  });
}
