import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Database } from "../../ports/sql.ts";
import { insertMeta, type Sources, unhonouredOf } from "./build.ts";
import { insertDecisions } from "./decisions.ts";
import { contents, type FactFile, factFinder, factFolders, fillsDecided, insertFacts, madeOf, PLAIN } from "./facts.ts";
import { removeRows, ROW_TAKEN } from "./insert.ts";
import { isProblem, type Problem, type RowMaker } from "./rows.ts";
import { quoted, schemaOf, type SnapshotSchema } from "./schema.ts";

/** More differences than this are slower to apply than a build. */
const MAX_DIFFERENCES = 20_000;

/** What a snapshot holds now. */
export interface Before {
  readonly state: Oid;
  readonly decisions: Oid | null;
}

/**
 * Brings a snapshot to the sources by the difference of the trees. Answers false where only a build gives the right rows,
 * and the database is then good for nothing: two documents meet in one row, or too much has changed.
 * Throws `state.object.missing` where the old tip is gone.
 */
export async function updateSnapshot(db: Database, before: Before, from: Sources): Promise<boolean> {
  const schema = schemaOf(from.kinds);
  const make: RowMaker = { schema, schemas: from.schemas, policy: from.view?.policy.document ?? null };
  if (db.rows("SELECT 1 FROM problems WHERE code = ?", [ROW_TAKEN]).rows.length > 0) return false;
  const [[unhonoured] = []] = db.rows("SELECT value FROM meta WHERE key = 'unhonoured'").rows;
  const decided = before.decisions !== (from.view?.tip ?? null) || unhonoured !== unhonouredOf(from.view);
  const changes = await changesOf(before.state, from);
  if (changes === null) return false;
  db.run("BEGIN");
  // When decisions have changed, the tables that depend on them are filled anew; their facts are only noted here.
  const apart = (place: FactFile["place"]) => decided && fillsDecided(schema, place.kind);
  await removeFacts(from, db, make, changes.gone, apart);
  const fresh = changes.come.filter(({ place }) => !apart(place));
  const problems = [...(await insertFacts(from.store, db, make, fresh))];
  if (decided) {
    noteFiles(
      db,
      changes.come.filter(({ place }) => apart(place)),
    );
    problems.push(...(await refill(from, db, make)));
  }
  insertMeta(db, schema, from);
  db.run("COMMIT");
  return problems.every(({ code }) => code !== ROW_TAKEN);
}

interface Changes {
  readonly gone: readonly FactFile[];
  readonly come: readonly FactFile[];
}

async function changesOf(before: Oid, from: Sources): Promise<Changes | null> {
  const placeOf = factFinder(from.kinds);
  const gone: FactFile[] = [];
  const come: FactFile[] = [];
  if (before === from.state) return { gone, come };
  for await (const difference of from.store.diff(before, from.state, factFolders(from.kinds))) {
    const place = placeOf(difference.path);
    if (place === undefined) continue;
    const { path, mode } = difference;
    const was = difference.modeBefore ?? PLAIN;
    if (difference.before !== null) gone.push({ path, oid: difference.before, place, mode: was });
    if (difference.after !== null) come.push({ path, oid: difference.after, place, mode });
    if (gone.length + come.length > MAX_DIFFERENCES) return null;
  }
  return { gone, come };
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
  for await (const { file, bytes } of contents(from.store, own)) {
    const made = madeOf(make, file, bytes);
    if (!isProblem(made)) for (const { rows } of made) removeRows(db, make.schema, rows);
  }
}

function noteFiles(db: Database, files: readonly FactFile[]): void {
  db.runMany(
    "INSERT INTO files VALUES (?, ?, ?)",
    files.map(({ path, oid, mode }) => [path, Buffer.from(oid, "hex"), mode]),
  );
}

/** Fills the tables that depend on decisions anew. */
async function refill(from: Sources, db: Database, make: RowMaker): Promise<readonly Problem[]> {
  const files = notedFiles(db, from, make.schema);
  for (const table of [...make.schema.decided, "proposals", "files"]) db.run(`DELETE FROM ${quoted(table)}`);
  db.runMany(
    "DELETE FROM problems WHERE path = ?",
    files.map(({ path }) => [path]),
  );
  insertDecisions(db, make.schema, from.kinds, from.view);
  return insertFacts(from.store, db, make, files);
}

function notedFiles(db: Database, from: Sources, schema: SnapshotSchema): readonly FactFile[] {
  const placeOf = factFinder(from.kinds);
  return db.rows("SELECT path, lower(hex(oid)), mode FROM files ORDER BY path").rows.flatMap(([path, oid, mode]) => {
    if (typeof path !== "string" || typeof oid !== "string" || !isOid(oid)) return [];
    const place = placeOf(path);
    return place !== undefined && fillsDecided(schema, place.kind)
      ? [{ path, oid, place, mode: typeof mode === "string" ? mode : "" }]
      : [];
  });
}
