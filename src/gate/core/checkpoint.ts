import { printCanonical } from "../../kernel/canonical-json.ts";
import type { CheckpointV1 } from "../../schema/types.gen.ts";

/** Namespace of attestors' signatures over checkpoints. */
export const CHECKPOINT_NAMESPACE = "waybill-checkpoint-v1";

/** Bytes that an attestor signs: the canonical print of a checkpoint without its signature. */
export function checkpointBytes(checkpoint: Omit<CheckpointV1, "signature">): Uint8Array {
  const { schema, tenant_id, repo_id, root, state, decisions, made_at, expires } = checkpoint;
  const about = { state: { commit: state.commit, seq: state.seq }, decisions: { commit: decisions.commit } };
  return new TextEncoder().encode(printCanonical({ schema, tenant_id, repo_id, root, ...about, made_at, expires }));
}
