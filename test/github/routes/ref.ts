import { moveRef } from "../move-ref.ts";
import type { RefMove } from "../repository.ts";
import type { Call } from "../route.ts";
import { refusal } from "./answers.ts";

/** Moves a ref of the call's repository; a ruleset's refusal is 422, as GitHub says it of REST calls. Answers false where it moved meanwhile. */
export async function moveOrRefuse(call: Call, move: RefMove): Promise<boolean> {
  const moved = await moveRef(call.world, call.repo, call.caller, move);
  if (typeof moved === "object") throw refusal(422, ruleViolations([moved.refused]));
  return moved === "moved";
}

/** The text around rules that are not met. */
export function ruleViolations(problems: readonly string[]): string {
  return `Repository rule violations found\n\n${problems.join("\n\n")}\n\n`;
}
