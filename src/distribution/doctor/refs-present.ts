import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import { checkTip } from "../../state/tips.ts";
import type { DoctorCheck, Patient, Symptom } from "./check.ts";
import { fail } from "./symptoms.ts";

/** Both branches are there and go on from what this user has seen of them. */
export const refsPresent: DoctorCheck = {
  id: "refs.present",
  title: "Both branches are there and follow what was seen before",
  run: async ({ ground }) => (await Promise.all([STATE, DECISIONS].map((branch) => lookAt(ground, branch)))).flat(),
};

async function lookAt(ground: Patient["ground"], branch: string): Promise<readonly Symptom[]> {
  try {
    if ((await checkTip(ground, branch)) !== null) return [];
    return [fail(`${printable(ground.store.location)} has no branch ${branch}`, "waybill init")];
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code !== "state.ref.rewound") throw cause;
    return [fail(cause.message, cause.hints[0] ?? null)];
  }
}
