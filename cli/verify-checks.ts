import { recordedRows } from "../src/distribution/checks.ts";
import { reusedIds } from "../src/distribution/reused-ids.ts";
import { checkpointHistory } from "../src/gate/verify/checkpoint-checks.ts";
import type { GateGround } from "../src/gate/ground.ts";
import { stateChecks } from "../src/state/checks.ts";
import type { VerifyCheck } from "../src/state/verify/check.ts";

/** Checks of facts, of every plane: one list, because a walk that one command remembers is gone on from by another. */
export function verifyChecks({ rewrites }: Pick<GateGround, "rewrites">): readonly VerifyCheck[] {
  return [...stateChecks, recordedRows, reusedIds, checkpointHistory(rewrites)];
}
