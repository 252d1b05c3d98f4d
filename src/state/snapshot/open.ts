import { type Reason, reason, ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Database, SqlEngine } from "../../ports/sql.ts";
import type { Schemas } from "../../schema/schemas.ts";
import { DECISIONS, STATE } from "../branches.ts";
import type { AnyKind } from "../document-kind.ts";
import type { Rewrites } from "../rewrites.ts";
import { checkTip } from "../tips.ts";
import { type AsOf, type Kept, readCached, type ShardStore, shardStore, type Stored } from "./cache.ts";
import type { DecidedView } from "./decided-view.ts";
import { type OldHistory, oldHistory } from "./old-history.ts";
import { replay } from "./redo.ts";
import { schemaOf } from "./schema.ts";

/** What opening a snapshot needs. `schemas` and `decisions` are asked only when the cached one is not up to date. */
export interface SnapshotGround {
  readonly store: GitStore;
  readonly kinds: readonly AnyKind[];
  readonly sql: SqlEngine;
  /** Cache folder of this repository. */
  readonly cache: Folder;
  /** Root of decisions that the caller insists on; null takes the one that is pinned in the cache. */
  readonly root: Oid | null;
  /** Version of the tool: another one builds its own snapshot. */
  readonly version: string;
  readonly schemas: () => Promise<Schemas>;
  /** Jumps of the facts that decisions in force allow; asked only where the branch went another way than it was seen. */
  readonly rewrites?: Rewrites;
  /** What an attestor says of a tip of facts in this view; asked only when the cached snapshot is not up to date. */
  readonly checkpoint?: (view: DecidedView, tip: Oid) => Promise<AsOf["checkpoint"]>;
  /** The effective view at the tip; null where there is no decisions branch. */
  readonly decisions: () => Promise<DecidedView | null>;
}

/** An up-to-date snapshot, read-only; the caller closes the database. */
export interface Snapshot {
  /** The core: everything but old history, which `history` puts in where somebody asks for it. */
  readonly database: Database;
  readonly history: OldHistory;
  readonly asOf: AsOf;
  /** Documents that are none, a bounded number of them. */
  readonly warnings: readonly Reason[];
}

/** Most documents that warnings name one by one. */
const MAX_WARNINGS = 3;
/**
 * Opens the snapshot of the tips: the cached one as it is, brought up to date, or built anew. A cached file that is damaged,
 * of another version or from another history is never used. Throws `state.branch.missing`, `state.ref.rewound`.
 */
export async function openSnapshot(on: SnapshotGround): Promise<Snapshot> {
  const [seen, decisions] = await Promise.all([checkTip(on, STATE), checkTip(on, DECISIONS)]);
  const stored = await readCached(on.cache, { version: on.version, schema: schemaOf(on.kinds).digest, root: on.root });
  if (stored !== null && stored.asOf.state === seen && stored.asOf.decisions === decisions) {
    const database = await opened(on.sql, stored);
    if (database !== null) return shown(on, { ...stored, database });
  }
  const { refreshed } = await import("./refresh.ts");
  return shown(on, await refreshed(on, stored, seen));
}

/** A core in memory, and what belongs to it. */
export interface Held extends Pick<Kept, "asOf" | "shards"> {
  readonly database: Database;
  readonly store?: ShardStore;
}

/** What a caller gets of it: read-only, with the history that lies beside it. */
export function shown(on: SnapshotGround, { database, asOf, shards, store = shardStore(on.cache) }: Held): Snapshot {
  database.run("PRAGMA query_only=ON");
  const history = oldHistory({ ...on, branches: on.store, database, store, state: asOf.state, shards });
  return { database, history, asOf, warnings: warningsOf(database) };
}

/** Opens a stored core, with what was written to it since. Throws `sql.damaged`, `sql.invalid`. */
export async function openStored(sql: SqlEngine, { bytes, steps }: Pick<Stored, "bytes" | "steps">): Promise<Database> {
  const database = await sql.open(bytes);
  replay(database, steps);
  return database;
}

/** The same; null where SQLite finds it damaged after all. */
export async function opened(sql: SqlEngine, stored: Stored): Promise<Database | null> {
  try {
    return await openStored(sql, stored);
  } catch (cause) {
    if (cause instanceof ToolError && (cause.code === "sql.damaged" || cause.code === "sql.invalid")) return null;
    throw cause;
  }
}

function warningsOf(database: Database): readonly Reason[] {
  const found = database.rows("SELECT path, code, message FROM problems ORDER BY path", [], MAX_WARNINGS);
  const named = found.rows.map(([path, code, message]) =>
    reason(
      "state.document.invalid",
      String(message),
      { path: String(path), code: String(code) },
      "waybill state verify",
    ),
  );
  return found.more
    ? [...named, reason("state.document.invalid", "More documents are invalid", {}, "waybill state verify")]
    : named;
}
