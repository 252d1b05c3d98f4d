import type { Oid } from "../../src/kernel/oid.ts";
import { createMemoryGitStore } from "../../src/platform/memory/git-store.ts";
import { sqlEngine } from "../../src/platform/sql-engine.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import type { SqlEngine, SqlValue } from "../../src/ports/sql.ts";
import type { ChannelPointerV1 } from "../../src/schema/types.gen.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { buildSnapshot, type Sources } from "../../src/state/snapshot/build.ts";
import {
  differingTables,
  digestShard,
  digestTables,
  type TableDigest,
  type TableDigests,
} from "../../src/state/snapshot/compare.ts";
import type { DecidedView } from "../../src/state/snapshot/decided-view.ts";
import { openSnapshot, type SnapshotGround } from "../../src/state/snapshot/open.ts";
import { summarise } from "../../src/state/snapshot/publish.ts";
import { schemaOf } from "../../src/state/snapshot/schema.ts";
import { decidedView } from "./decided-view.ts";
import { commitFiles, policyDocument, printed, schemas, scope, testKinds } from "./facts.ts";
import { memoryFolder, type MemoryFolder } from "./memory-folder.ts";

const sql = sqlEngine({ detail: () => undefined });

/** A repository in memory with facts, decisions made by hand, and a cache for snapshots. */
export interface SnapshotWorld {
  readonly store: GitStore;
  readonly root: Oid;
  readonly ground: SnapshotGround & { readonly cache: MemoryFolder };
  /** What was asked for: a warm snapshot asks for nothing. */
  readonly asked: string[];
  /** Moves decisions to a policy and pointers in force. */
  decide(gated: readonly string[], pointers: readonly ChannelPointerV1[], more?: Partial<DecidedView>): Promise<void>;
  query(text: string): Promise<readonly (readonly SqlValue[])[]>;
  /** Tables that differ between the snapshot and one built anew. */
  differs(): Promise<readonly string[]>;
}

/** Digests of a snapshot that is built from nothing. */
async function digestsOf(engine: SqlEngine, from: Sources): Promise<TableDigests> {
  const schema = schemaOf(from.kinds);
  const digests = new Map<string, TableDigest>();
  const { database } = await buildSnapshot(engine, from, async ({ month }, bytes) => {
    for (const [name, digest] of await digestShard(engine, schema, { month, bytes })) digests.set(name, digest);
  });
  for (const [name, digest] of digestTables(database, schema)) digests.set(name, digest);
  database.close();
  return digests;
}

/** Makes a world of one commit. */
export async function snapshotWorld(): Promise<SnapshotWorld> {
  const store = createMemoryGitStore();
  const root = await commitFiles(store, { "state.json": printed(scope) });
  const asked: string[] = [];
  let view: DecidedView | null = null;
  const note = <T>(name: string, value: () => T) => {
    asked.push(name);
    return Promise.resolve(value());
  };
  const ground = {
    store,
    kinds: testKinds,
    sql,
    cache: memoryFolder(),
    root: null,
    version: "1.0.0",
    schemas: () => note("schemas", () => schemas),
    decisions: () => note("decisions", () => view),
  };
  return {
    store,
    root,
    ground,
    asked,
    async decide(gated, pointers, more) {
      const tip = await commitFiles(store, { "policy.json": `${Math.random()}` }, DECISIONS);
      view = { ...decidedView(tip, view?.root ?? tip, policyDocument(gated), pointers), ...more };
    },
    async query(text) {
      const { database, history } = await openSnapshot(ground);
      await history.loadAll();
      const { rows } = database.rows(text);
      database.close();
      return rows;
    },
    async differs() {
      const opened = await openSnapshot(ground);
      const state = (await store.head(STATE)) ?? root;
      const rebuilt = await digestsOf(sql, { store, kinds: testKinds, schemas, state, view });
      const digests = await summarise({ sql, kinds: testKinds }, opened);
      opened.database.close();
      return differingTables(digests, rebuilt);
    },
  };
}
