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
import { tipOf } from "../transact.ts";
import { buildSnapshot, type Sources } from "./build.ts";
import { type AsOf, readCached, type Stored, writeCached } from "./cache.ts";
import type { DecidedView } from "./decided-view.ts";
import { schemaOf } from "./schema.ts";
import { updateSnapshot } from "./update.ts";

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
  readonly database: Database;
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
  const state = seen ?? (await tipOf(on.store));
  const stored = await readCached(on.cache, { version: on.version, schema: schemaOf(on.kinds).digest, root: on.root });
  if (stored !== null && stored.asOf.state === state && stored.asOf.decisions === decisions) {
    const database = await opened(on.sql, stored);
    if (database !== null) return { database, asOf: stored.asOf, warnings: warningsOf(database) };
  }
  const from = { store: on.store, kinds: on.kinds, schemas: await on.schemas(), state, view: await on.decisions() };
  const database = (stored && (await updated(on.sql, stored, from))) ?? (await buildSnapshot(on.sql, from));
  const asOf = await asOfSources(from, on.checkpoint);
  await keepSnapshot(on, asOf, database.bytes());
  database.run("PRAGMA query_only=ON");
  return { database, asOf, warnings: warningsOf(database) };
}

/** Tips of the sources with their times. */
export async function asOfSources(from: Sources, checkpoint?: SnapshotGround["checkpoint"]): Promise<AsOf> {
  const decisions = from.view?.tip ?? null;
  const vouched = from.view === null ? null : await checkpoint?.(from.view, from.state);
  return {
    state: from.state,
    stateAt: (await from.store.commit(from.state)).at,
    decisions,
    decisionsAt: decisions === null ? null : (await from.store.commit(decisions)).at,
    root: from.view?.root ?? null,
    checkpoint: vouched ?? null,
  };
}

/** Opens stored bytes; null where SQLite finds them damaged after all. */
async function opened(sql: SqlEngine, stored: Stored, readOnly = true): Promise<Database | null> {
  try {
    return await sql.open(stored.bytes, { readOnly });
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "sql.damaged") return null;
    throw cause;
  }
}

async function updated(sql: SqlEngine, stored: Stored, from: Sources): Promise<Database | null> {
  const database = await opened(sql, stored, false);
  if (database === null) return null;
  try {
    if (await updateSnapshot(database, stored.asOf, from)) return database;
  } catch (cause) {
    // The old tip is not in this repository any more: the difference to it cannot be known.
    if (!(cause instanceof ToolError) || cause.code !== "state.object.missing") throw cause;
  }
  database.close();
  return null;
}

/** Keeps a snapshot for the next command; one that cannot be kept costs time and nothing else. */
export async function keepSnapshot(on: SnapshotGround, asOf: AsOf, bytes: Uint8Array): Promise<void> {
  try {
    await writeCached(on.cache, { version: on.version, schema: schemaOf(on.kinds).digest, root: on.root }, asOf, bytes);
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
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
