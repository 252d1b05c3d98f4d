import { ToolError } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import type { NotChecked } from "../../schema/types.gen.ts";
import { SNAPSHOT } from "../branches.ts";
import { buildSnapshot } from "../snapshot/build.ts";
import { readCached } from "../snapshot/cache.ts";
import { differingTables, digestTables } from "../snapshot/compare.ts";
import type { DecidedView } from "../snapshot/decided-view.ts";
import { DATABASE, publishedTips } from "../snapshot/publish.ts";
import { schemaOf } from "../snapshot/schema.ts";
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
  readonly bytes: Uint8Array;
  readonly commit: Oid | null;
  readonly what: string;
  readonly next: string;
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
        const rebuilt = await buildSnapshot(on.sql, { ...walk.ground, state: walk.tip, view });
        for (const one of found) await compare(on, walk, one, rebuilt);
        rebuilt.close();
      },
    }),
  };
}

async function cached(on: SnapshotAt, { ground, tip }: Walk, view: DecidedView | null): Promise<Found | null> {
  const schema = schemaOf(ground.kinds).digest;
  const stored = await readCached(on.cache, { version: on.version, schema, root: null });
  if (stored === null || stored.asOf.state !== tip || stored.asOf.decisions !== (view?.tip ?? null)) return null;
  const next = `remove ${on.cache.path}; it is made again from the branches`;
  return { bytes: stored.bytes, commit: null, what: "the snapshot of this machine", next };
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
    const [file] = await ground.store.read(head, [DATABASE]);
    if (!file || !("bytes" in file)) return skip("which has no database");
    return { bytes: file.bytes, commit: head, what, next: "waybill snapshot publish puts a true one there" };
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "state.limit.exceeded") return skip("which is too large to read");
    throw cause;
  }
}

async function compare(on: SnapshotAt, { ground, report }: Walk, found: Found, rebuilt: Database): Promise<void> {
  const tables = await differences(on, found.bytes, rebuilt, schemaOf(ground.kinds));
  if (on.seen !== undefined) on.seen.compared += 1;
  if (tables.length === 0) return;
  const { commit, what, next } = found;
  const message = `${what} differs from the branches in ${tables.join(", ")}`;
  report({ rule: "snapshot.differs", branch: SNAPSHOT, commit, path: null, message, data: { tables }, next });
}

/** Anybody may have made the database: what is in it is looked at only after its tables are known to be plain ones of ours. */
async function differences(
  on: SnapshotAt,
  bytes: Uint8Array,
  rebuilt: Database,
  schema: ReturnType<typeof schemaOf>,
): Promise<readonly string[]> {
  const shape = (database: Database) =>
    JSON.stringify(database.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").rows);
  let theirs: Database | null = null;
  try {
    theirs = await on.sql.open(bytes, { readOnly: true, untrusted: true });
    if (shape(theirs) !== shape(rebuilt)) return ["its tables"];
    return differingTables(digestTables(theirs, schema), digestTables(rebuilt, schema));
  } catch (cause) {
    if (cause instanceof ToolError && cause.code.startsWith("sql.")) return ["that it is no database"];
    throw cause;
  } finally {
    theirs?.close();
  }
}
