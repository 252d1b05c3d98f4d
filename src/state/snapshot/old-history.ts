import type { Oid } from "../../kernel/oid.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { AnyKind } from "../document-kind.ts";
import type { ShardStore } from "./cache.ts";
import { schemaOf } from "./schema.ts";
import type { Shard } from "./shards.ts";

/** History that no command loads unless it asks for it. */
export interface OldHistory {
  readonly shards: readonly Shard[];
  /** How many rows of a table are not in the database. */
  rowsOf(table: string): number;
  /**
   * Puts the rows of the newest month that is not in the database yet, and that began before a time where one is given, into it.
   * False where there is none left.
   */
  loadMonth(before?: string | null): Promise<boolean>;
  /** Puts all of it into the database. */
  loadAll(): Promise<void>;
  /** All shards as databases, oldest first. */
  bytes(): Promise<readonly { readonly month: string; readonly bytes: Uint8Array }[]>;
}

/** Opens what lies in shards; one that is missing or damaged is read from the branch anew. */
export function oldHistory(on: {
  readonly sql: SqlEngine;
  readonly store: ShardStore;
  readonly branches: GitStore;
  readonly kinds: readonly AnyKind[];
  readonly schemas: () => Promise<Schemas>;
  readonly database: Database;
  readonly state: Oid;
  readonly shards: readonly Shard[];
}): OldHistory {
  const schema = schemaOf(on.kinds);
  const left = new Set(on.shards.toReversed());
  const bytesOf = async (shard: Shard) => (await on.store.read(shard)) ?? (await rebuilt(shard));
  const load = async (shard: Shard) => {
    const bytes = await bytesOf(shard);
    for (const table of schema.history.keys()) on.database.adopt(bytes, table);
    left.delete(shard);
  };
  const rebuilt = async ({ month }: Shard) => {
    const from = { store: on.branches, kinds: on.kinds, state: on.state, schemas: await on.schemas(), view: null };
    const { monthBytes } = await import("./shards.ts");
    return monthBytes(on.sql, from, schema, month, on.store.keep);
  };
  return {
    shards: on.shards,
    rowsOf: (table) => [...left].reduce((sum, { rows }) => sum + (rows[table] ?? 0), 0),
    async loadMonth(before = null) {
      const next = [...left].find(({ month }) => before === null || month <= before);
      if (next !== undefined) await load(next);
      return next !== undefined;
    },
    async loadAll() {
      for (const shard of left) await load(shard);
    },
    async bytes() {
      const all = [];
      for (const shard of on.shards) all.push({ month: shard.month, bytes: await bytesOf(shard) });
      return all;
    },
  };
}
