import { expectFound, expectKept } from "./tampering-checks.ts";
import { type Clone, DECISIONS, type Stage } from "./tampering-stage.ts";

/** The gated pointer of the story. */
export const POINTER = "channels/acme/stable.json";

/** Merges a proposal as `git merge` does, whatever policy says; answers the commit. */
export function mergeByHand(stage: Stage, proposal: string, ...how: readonly string[]): string {
  return stage.push(DECISIONS, (clone) => mergeIn(clone, proposal, ...how), { commit: false });
}

/** The same in a clone that is there. */
export function mergeIn(clone: Clone, proposal: string, ...how: readonly string[]): void {
  const flags = how.length === 0 ? ["--no-ff", "--message", "merged by hand"] : how;
  clone.git("merge", "--quiet", ...flags, `origin/waybill/proposal/${proposal}`);
}

/** Pushes a commit onto a proposal; answers nothing of it. */
export function changeProposal(stage: Stage, proposal: string, edit: (clone: Clone) => void): string {
  return stage.push(`waybill/proposal/${proposal}`, edit);
}

/** Expects that a commit is named as not conforming for a condition, and that readers keep what was before. */
export async function expectDishonoured(
  stage: Stage,
  commit: string,
  condition: string,
  path = POINTER,
): Promise<void> {
  await expectFound(stage, { rule: "decision.conforming", commit, path, data: { condition } });
  await expectKept(stage, "gate.decision.dishonoured");
}
