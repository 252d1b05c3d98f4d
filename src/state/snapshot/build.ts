import { sha256Hex } from "../../kernel/digest.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { AnyKind } from "../document-kind.ts";
import type { DecidedView } from "./decided-view.ts";
import { insertDecisions } from "./decisions.ts";
import { contents, factFiles } from "./facts.ts";
import { beginFilling, endFilling } from "./fill.ts";
import { firstMonth } from "./months.ts";
import type { RowMaker } from "./rows.ts";
import { schemaOf, type SnapshotSchema } from "./schema.ts";
import { cutInto, type KeepShard, type Shard } from "./shards.ts";

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

/** A snapshot as it was built: the core in memory, and which shards there are. */
export interface Built {
  readonly database: Database;
  readonly shards: readonly Shard[];
}

/**
 * Builds a snapshot from nothing, in memory that does not grow with history. Documents that are none stand in `problems`.
 * Rows of decisions go in first, so that no fact can take the place of one.
 */
export async function buildSnapshot(sql: SqlEngine, from: Sources, keep: KeepShard): Promise<Built> {
  const schema = schemaOf(from.kinds);
  const make: RowMaker = { schema, schemas: from.schemas, policy: from.view?.policy.document ?? null };
  const tables = [...schema.tables.values()];
  const database = await beginFilling(sql, tables);
  insertDecisions(database, schema, from.kinds, from.view);
  const cut = cutInto({ sql, core: database }, make, keep);
  const files = factFiles(from, firstMonth((await from.store.commit(from.state)).at));
  for await (const some of contents(from.store, files, cut.note)) await cut.insert(some);
  const shards = await cut.end();
  insertMeta(database, schema, from);
  endFilling(database, tables);
  return { database, shards };
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
