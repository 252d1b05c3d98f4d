import type { SnapshotResultV1 } from "../../schema/types.gen.ts";
import type { Snapshot } from "./open.ts";
import { type Digesting, summarise } from "./publish.ts";

/** Describes a snapshot: its core and its shards. */
export async function resultOf(on: Digesting, snapshot: Snapshot): Promise<SnapshotResultV1> {
  const { state, stateAt, decisions, decisionsAt, root } = snapshot.asOf;
  const digests = await summarise(on, snapshot);
  const shardBytes = snapshot.history.shards.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  return {
    schema: "snapshot-result.v1",
    facts: { tip: state, at: stateAt },
    decisions:
      decisions === null || decisionsAt === null || root === null ? null : { root, tip: decisions, at: decisionsAt },
    tables: [...digests].map(([name, digest]) => ({ name, ...digest })),
    problems: digests.get("problems")?.rows ?? 0,
    size_bytes: snapshot.database.bytes().length + shardBytes,
    file: null,
    commit: null,
  };
}
