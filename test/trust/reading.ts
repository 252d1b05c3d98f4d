import { loadDecisions } from "../../src/gate/view/view.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { sqlJsEngine } from "../../src/platform/sql-js.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { buildSnapshot } from "../../src/state/snapshot/build.ts";
import { digestTables } from "../../src/state/snapshot/compare.ts";
import { schemaOf } from "../../src/state/snapshot/schema.ts";
import { updateSnapshot } from "../../src/state/snapshot/update.ts";
import { tipOf } from "../../src/state/transact.ts";
import type { HonestWorld } from "../support/honest-history.ts";
import { memoryFolder } from "../support/memory-folder.ts";

/**
 * Rows that a reader of both branches has, one digest a table of documents. Nothing is remembered from before, or else the rows of
 * an older tip of facts.
 */
export async function rowsOf(
  world: HonestWorld,
  store: GitStore,
  before?: Oid,
): Promise<ReadonlyMap<string, string | undefined>> {
  const { kinds, schemas } = world.ground;
  const view = await loadDecisions({ ...world.ground, store, cache: memoryFolder() });
  const sources = { store, kinds, schemas, state: await tipOf(store), view };
  const sql = sqlJsEngine();
  const keep = async () => undefined;
  const { database, shards } = await buildSnapshot(sql, { ...sources, state: before ?? sources.state }, keep);
  const decisions = view.tip;
  if (before !== undefined)
    await updateSnapshot({ sql, core: database, keep }, { state: before, decisions, shards }, sources);
  const digests = digestTables(database, schemaOf(kinds));
  database.close();
  return new Map(
    kinds.flatMap(({ tables = [] }) => tables.map(({ name }) => [name, digests.get(name)?.sha256] as const)),
  );
}

/** What `state verify` finds for somebody who was never here: rule, commit and path of each violation, in one line. */
export async function findings(world: HonestWorld, store: GitStore): Promise<readonly string[]> {
  const { violations, status } = await world.verify({ ground: { store, cache: memoryFolder() } });
  return [status, ...violations.map(({ rule, commit, path }) => `${rule} ${commit} ${path}`)];
}
