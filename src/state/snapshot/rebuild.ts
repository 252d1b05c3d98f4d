import type { SnapshotResultV1 } from "../../schema/types.gen.ts";
import { tipOf } from "../transact.ts";
import { buildSnapshot } from "./build.ts";
import { asOfSources, keepSnapshot, type Snapshot, type SnapshotGround } from "./open.ts";
import { summarise } from "./publish.ts";
import { schemaOf } from "./schema.ts";

/** Builds the snapshot anew, whatever is cached, and keeps it. */
export async function rebuildSnapshot(
  on: SnapshotGround,
): Promise<{ readonly result: SnapshotResultV1; readonly bytes: Uint8Array }> {
  const state = await tipOf(on.store);
  const from = { store: on.store, kinds: on.kinds, schemas: await on.schemas(), state, view: await on.decisions() };
  const database = await buildSnapshot(on.sql, from);
  try {
    const asOf = await asOfSources(from, on.checkpoint);
    const bytes = database.bytes();
    await keepSnapshot(on, asOf, bytes);
    return { result: resultOf(on, { database, asOf }, bytes.length), bytes };
  } finally {
    database.close();
  }
}

/** Describes a snapshot. */
export function resultOf(
  on: SnapshotGround,
  { database, asOf }: Pick<Snapshot, "database" | "asOf">,
  sizeBytes: number,
): SnapshotResultV1 {
  const { state, stateAt, decisions, decisionsAt, root } = asOf;
  const tables = summarise(database, schemaOf(on.kinds));
  return {
    schema: "snapshot-result.v1",
    facts: { tip: state, at: stateAt },
    decisions:
      decisions === null || decisionsAt === null || root === null ? null : { root, tip: decisions, at: decisionsAt },
    tables,
    problems: tables.find(({ name }) => name === "problems")?.rows ?? 0,
    size_bytes: sizeBytes,
    file: null,
    commit: null,
  };
}
