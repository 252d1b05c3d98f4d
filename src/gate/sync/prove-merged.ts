import type { Act } from "../../kernel/act.ts";
import type { Decisions } from "../core/decisions.ts";
import { isForgeError } from "../forge-error.ts";
import type { GateGround } from "../ground.ts";
import { proverOn } from "./prover.ts";
import { recordDecisions } from "./record.ts";
import { loadDecisions, loadHistory } from "../view/view.ts";

/**
 * Records the proof of merges that wait for nothing else, as `gate sync` does, before a command acts on decisions: a person who
 * merged on the forge is not made to wait for a workflow. Answers the decisions then in force. A forge that cannot be asked changes
 * nothing: the merges stay pending, and readers say so.
 */
export async function proveMerged(ground: GateGround, act: Act, decisions: Decisions): Promise<Decisions> {
  const { forge } = ground;
  const isWaiting = decisions.pending.some(({ paths, commit }) =>
    paths.some((path) => decisions.standing(path)?.commit === commit),
  );
  if (forge === undefined || !isWaiting) return decisions;
  try {
    const prover = await proverOn(ground, forge);
    const proven = await loadHistory(ground, { evidence: prover.source });
    await recordDecisions(ground, act, proven.decisions, prover);
  } catch (cause) {
    if (!isForgeError(cause)) throw cause;
  }
  return loadDecisions(ground);
}
