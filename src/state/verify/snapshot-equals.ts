import { ToolError } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import type { NotChecked } from "../../schema/types.gen.ts";
import { SNAPSHOT } from "../branches.ts";
import { buildSnapshot } from "../snapshot/build.ts";
import { readCached, shardStore } from "../snapshot/cache.ts";
import {
  differingTables,
  digestShard,
  digestTables,
  type TableDigest,
  type TableDigests,
} from "../snapshot/compare.ts";
import type { DecidedView } from "../snapshot/decided-view.ts";
import { openStored } from "../snapshot/open.ts";
import { publishedFiles, publishedTips } from "../snapshot/publish.ts";
import { schemaOf, type SnapshotSchema } from "../snapshot/schema.ts";
import type { KeepShard } from "../snapshot/shards.ts";
import type { VerifyCheck, Walk } from "./check.ts";

/** What comparing snapshots needs. */
export interface SnapshotAt {
  readonly sql: SqlEngine;
  readonly cache: Folder;
  readonly version: string;
  readonly decisions: () => Promise<DecidedView | null>;
  /** Told how many were compared, and which were not. */
  readonly seen?: { compared: number; readonly skipped: NotChecked[] };
}

/** A snapshot of the tips, with who reads it and how it is made good. */
interface Found {
  /** Throws `sql.damaged` where it is no database. */
  readonly openCore: () => Promise<Database>;
  /** Shards that are there; null bytes where one is named and cannot be read. */
  readonly shards: readonly { readonly month: string; readonly read: () => Promise<Uint8Array | null> }[];
  readonly commit: Oid | null;
  readonly what: string;
  readonly next: string;
}

/** The same from the branches. */
interface Rebuilt {
  readonly core: Database;
  readonly digests: TableDigests;
}

/**
 * `snapshot.differs`: a snapshot has the rows of one built anew from the branches; the one that this user's commands read, and the
 * copy on `waybill/snapshot`, which no command does. Checked where there is one of the tips.
 */
export function snapshotEquals(on: SnapshotAt): VerifyCheck {
  return {
    rules: ["snapshot.differs"],
    begin: async (walk) => ({
      async finish() {
        const view = await on.decisions();
        const stored = [await cached(on, walk, view), await published(on, walk, view)];
        const found = stored.filter((one) => one !== null);
        if (found.length === 0) return;
        const rebuilt = await rebuild(on, walk, view);
        for (const one of found) await compare(on, walk, one, rebuilt);
        rebuilt.core.close();
      },
    }),
  };
}

async function rebuild({ sql }: SnapshotAt, { ground, tip }: Walk, view: DecidedView | null): Promise<Rebuilt> {
  const schema = schemaOf(ground.kinds);
  const digests = new Map<string, TableDigest>();
  const keep: KeepShard = async ({ month }, bytes) => {
    for (const [name, digest] of await digestShard(sql, schema, { month, bytes })) digests.set(name, digest);
  };
  const { database: core } = await buildSnapshot(sql, { ...ground, state: tip, view }, keep);
  return { core, digests: new Map([...digestTables(core, schema), ...digests]) };
}

async function cached(on: SnapshotAt, { ground, tip }: Walk, view: DecidedView | null): Promise<Found | null> {
  const schema = schemaOf(ground.kinds).digest;
  const stored = await readCached(on.cache, { version: on.version, schema, root: null });
  if (stored === null || stored.asOf.state !== tip || stored.asOf.decisions !== (view?.tip ?? null)) return null;
  const store = shardStore(on.cache);
  // One that is missing or damaged is never used: it is read from the branch anew.
  const there = await Promise.all(stored.shards.map(async (shard) => ({ shard, bytes: await store.read(shard) })));
  const shards = there.flatMap(({ shard, bytes }) =>
    bytes === null ? [] : [{ month: shard.month, read: async () => bytes }],
  );
  const next = `remove ${on.cache.path}; it is made again from the branches`;
  const openCore = () => openStored(on.sql, stored);
  return { openCore, shards, commit: null, what: "the snapshot of this machine", next };
}

async function published(on: SnapshotAt, { ground, tip }: Walk, view: DecidedView | null): Promise<Found | null> {
  const head = await ground.store.head(SNAPSHOT);
  if (head === null) return null;
  const what = `the copy on ${SNAPSHOT} at ${shortOid(head)}`;
  const skip = (why: string) => {
    const message = `${what}, ${why}`;
    on.seen?.skipped.push({ what: "snapshot.published", why: "not_possible", count: null, message, next: null });
    return null;
  };
  try {
    const tips = await publishedTips(ground.store, head);
    if (tips?.state !== tip || tips.decisions !== (view?.tip ?? null)) return skip("which is not of these tips");
    const files = await publishedFiles(ground.store, head);
    const core = await files?.core.read();
    if (!files || !core) return skip("which has no database");
    const openCore = () => on.sql.open(core, { readOnly: true, untrusted: true });
    const shards = files.shards.map((file) => ({ month: file.name, read: () => file.read() }));
    return { openCore, shards, commit: head, what, next: "waybill snapshot publish puts a true one there" };
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "state.limit.exceeded") return skip("which is too large to read");
    throw cause;
  }
}

async function compare(on: SnapshotAt, { ground, report }: Walk, found: Found, rebuilt: Rebuilt): Promise<void> {
  const schema = schemaOf(ground.kinds);
  const core = await coreDifferences(found, rebuilt, schema);
  const shards = await shardDifferences(on, found, rebuilt, schema);
  const tables = [...core, ...shards];
  if (on.seen !== undefined) on.seen.compared += 1;
  if (tables.length === 0) return;
  const { commit, what, next } = found;
  const message = `${what} differs from the branches in ${tables.join(", ")}`;
  report({ rule: "snapshot.differs", branch: SNAPSHOT, commit, path: null, message, data: { tables }, next });
}

const NO_DATABASE = "that it is no database";

/** Anybody may have made the database: what is in it is looked at only after its tables are known to be plain ones of ours. */
async function coreDifferences(found: Found, rebuilt: Rebuilt, schema: SnapshotSchema): Promise<readonly string[]> {
  let theirs: Database | null = null;
  try {
    theirs = await found.openCore();
    if (shapeOf(theirs) !== shapeOf(rebuilt.core)) return ["its tables"];
    const ours = new Map([...rebuilt.digests].filter(([name]) => schema.tables.has(name)));
    return differingTables(digestTables(theirs, schema), ours);
  } catch (cause) {
    if (cause instanceof ToolError && cause.code.startsWith("sql.")) return [NO_DATABASE];
    throw cause;
  } finally {
    theirs?.close();
  }
}

/** The same of every shard, and a month too many or too few; a cache that lacks one reads it from the branch. */
async function shardDifferences(
  { sql }: SnapshotAt,
  found: Found,
  { core, digests }: Rebuilt,
  schema: SnapshotSchema,
): Promise<readonly string[]> {
  const shape = shapeOf(core, [...schema.history.keys()]);
  const differing: string[] = [];
  for (const { month, read } of found.shards) {
    const ours = new Map([...digests].filter(([name]) => name.endsWith(` ${month}`)));
    const bytes = await read();
    try {
      const theirs = bytes && (await sql.open(bytes, { readOnly: true, untrusted: true }));
      const isPlain = theirs && shapeOf(theirs) === shape;
      theirs?.close();
      if (bytes === null || !isPlain) differing.push(`the tables of ${month}`);
      else
        differing.push(...differingTables(await digestShard(sql, schema, { month, bytes }, { untrusted: true }), ours));
    } catch (cause) {
      if (!(cause instanceof ToolError) || !cause.code.startsWith("sql.")) throw cause;
      differing.push(`${month}, which is no database`);
    }
  }
  const has = new Set(found.shards.map(({ month }) => month));
  const isLacking = (name: string) => !schema.tables.has(name) && !has.has(name.slice(name.lastIndexOf(" ") + 1));
  return found.commit === null ? differing : [...differing, ...[...digests.keys()].filter(isLacking)];
}

function shapeOf(database: Database, tables?: readonly string[]): string {
  const { rows } = database.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name");
  return JSON.stringify(rows.filter(([, , table]) => tables === undefined || tables.includes(String(table))));
}
