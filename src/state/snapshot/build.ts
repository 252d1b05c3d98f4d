import { sha256Hex } from "../../kernel/digest.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { AnyKind } from "../document-kind.ts";
import type { DecidedView } from "./decided-view.ts";
import { insertDecisions } from "./decisions.ts";
import { type FactFile, factFinder, factFolders, insertFacts } from "./facts.ts";
import type { RowMaker } from "./rows.ts";
import { schemaOf, type SnapshotSchema } from "./schema.ts";

/** What a snapshot is built from. */
export interface Sources {
  readonly store: GitStore;
  readonly kinds: readonly AnyKind[];
  readonly schemas: Schemas;
  /** Tip of the state branch. */
  readonly state: Oid;
  /** The effective view; null where there is no decisions branch. */
  readonly view: DecidedView | null;
}

/** Files that are read together; the next ones are looked for meanwhile. */
const CHUNK = 10_000;

/**
 * Builds a snapshot from nothing, in memory that does not grow with history. Documents that are none stand in `problems`.
 * Rows of decisions go in first, so that no fact can take the place of one.
 */
export async function buildSnapshot(sql: SqlEngine, from: Sources): Promise<Database> {
  const schema = schemaOf(from.kinds);
  const make: RowMaker = { schema, schemas: from.schemas, policy: from.view?.policy.document ?? null };
  const db = await sql.open();
  for (const table of schema.tables.values()) db.run(table.create);
  db.run("BEGIN");
  insertDecisions(db, schema, from.kinds, from.view);
  const chunks = factFiles(from);
  for (let chunk = await chunks.next(); chunk.done !== true; ) {
    const [next] = await Promise.all([chunks.next(), insertFacts(from.store, db, make, chunk.value)]);
    chunk = next;
  }
  for (const table of schema.tables.values()) for (const index of table.indexes) db.run(index);
  insertMeta(db, schema, from);
  db.run("COMMIT");
  return db;
}

/** Every fact that gives rows, in chunks, by path. */
async function* factFiles(from: Sources): AsyncGenerator<readonly FactFile[]> {
  const placeOf = factFinder(from.kinds);
  let chunk: FactFile[] = [];
  for await (const { path, after, mode } of from.store.diff(null, from.state, factFolders(from.kinds))) {
    const place = placeOf(path);
    if (after === null || place === undefined) continue;
    chunk.push({ path, oid: after, place, mode });
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

/** Says in the database itself what it was built from. */
export function insertMeta(db: Database, schema: SnapshotSchema, from: Pick<Sources, "state" | "view">): void {
  db.run("DELETE FROM meta");
  db.runMany("INSERT INTO meta VALUES (?, ?)", [
    ["decisions", from.view?.tip ?? ""],
    ["root", from.view?.root ?? ""],
    ["schema", schema.digest],
    ["state", from.state],
    ["unhonoured", unhonouredOf(from.view)],
  ]);
}

/**
 * Names the merges of a view that changed nothing. Two views of one tip that agree in these are equal: what makes a pending
 * merge a decision is evidence among facts, so a view can change while its tip stays.
 */
export function unhonouredOf(view: DecidedView | null): string {
  const commits = [...(view?.pending ?? []), { commit: "" }, ...(view?.dishonoured ?? [])].map(({ commit }) => commit);
  return sha256Hex(commits.join("\n"));
}
