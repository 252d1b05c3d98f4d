import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { tipOf } from "../transact.ts";
import { buildSnapshot, type Sources } from "./build.ts";
import { type AsOf, type Kept, removeOthers, shardStore, type Stored, writeCore, writeHead } from "./cache.ts";
import { type Held, opened, shown, type Snapshot, type SnapshotGround } from "./open.ts";
import { recorded } from "./redo.ts";
import { schemaOf } from "./schema.ts";
import { updateSnapshot } from "./update.ts";

/** More than this was written to the core since it was stored: it is stored anew, so that reading does not become slow. */
const MAX_STEPS_BYTES = 128 * 1024;

/** Brings what is stored up to the tips, or builds it anew, and keeps it. `seen` is the tip of facts; null where there is no branch. */
export async function refreshed(on: SnapshotGround, stored: Stored | null, seen: Oid | null): Promise<Held> {
  const from = await sourcesOf(on, seen ?? (await tipOf(on.store)));
  return (stored && (await updated(on, stored, from))) ?? (await built(on, from));
}

/** Builds the snapshot anew, whatever is cached, and keeps it. */
export async function rebuildSnapshot(on: SnapshotGround): Promise<Snapshot> {
  return shown(on, await built(on, await sourcesOf(on, await tipOf(on.store))));
}

async function sourcesOf(on: SnapshotGround, state: Oid): Promise<Sources> {
  return { store: on.store, kinds: on.kinds, schemas: await on.schemas(), state, view: await on.decisions() };
}

/** Tips of the sources with their times. */
async function asOfSources(from: Sources, checkpoint?: SnapshotGround["checkpoint"]): Promise<AsOf> {
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

async function updated(on: SnapshotGround, stored: Stored, from: Sources): Promise<Held | null> {
  const database = await opened(on.sql, stored);
  if (database === null) return null;
  const store = shardStore(on.cache);
  const recording = recorded(database);
  try {
    const before = { ...stored.asOf, shards: stored.shards };
    const shards = await updateSnapshot({ sql: on.sql, core: recording.database, keep: store.keep }, before, from);
    if (shards !== null) {
      const asOf = await asOfSources(from, on.checkpoint);
      await keepSnapshot(on, { database, asOf, shards }, { ...stored, steps: [...stored.steps, ...recording.steps] });
      return { database, asOf, shards, store };
    }
  } catch (cause) {
    // The old tip is not in this repository any more: the difference to it cannot be known.
    if (!(cause instanceof ToolError) || cause.code !== "state.object.missing") throw cause;
  }
  database.close();
  return null;
}

async function built(on: SnapshotGround, from: Sources): Promise<Held> {
  const store = shardStore(on.cache);
  const { database, shards } = await buildSnapshot(on.sql, from, store.keep);
  const asOf = await asOfSources(from, on.checkpoint);
  await keepSnapshot(on, { database, asOf, shards }, null);
  return { database, asOf, shards, store };
}

/**
 * Keeps a snapshot for the next command: few changes beside the core that they were made to, many of them in a core of their own.
 * One that cannot be kept costs time and nothing else.
 */
async function keepSnapshot(
  on: SnapshotGround,
  { database, asOf, shards }: Held,
  before: Pick<Kept, "core" | "steps"> | null,
): Promise<void> {
  const key = { version: on.version, schema: schemaOf(on.kinds).digest };
  try {
    if (before !== null && JSON.stringify(before.steps).length <= MAX_STEPS_BYTES) {
      await writeHead(on.cache, key, { asOf, core: before.core, shards, steps: before.steps });
      return;
    }
    const core = await writeCore(on.cache, database.bytes());
    await writeHead(on.cache, key, { asOf, core, shards, steps: [] });
    await removeOthers(on.cache, { core, shards });
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
  }
}
