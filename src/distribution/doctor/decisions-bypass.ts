import type { Bypass } from "../../ports/forge-settings.ts";
import { DECISIONS } from "../../state/branches.ts";
import { onForge, unsaid, whereSaid } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** Nobody is exempt from the rules of the decisions; who is, is named. */
export const decisionsBypass: DoctorCheck = onForge({
  id: "decisions.bypass",
  title: `Nobody may bypass the rules of ${DECISIONS}`,
  run: (forge) =>
    whereSaid(forge.rules(DECISIONS), ({ bypass }) =>
      "said" in bypass ? bypass.said.map((one) => named(one, forge.url)) : [unsaid(bypass)],
    ),
});

function named({ who, isAnyWorkflow, when, rule }: Bypass, url: string): Symptom {
  const how = when === "always" ? "may bypass" : "may bypass, in pull requests,";
  const fix = `Take them off the bypass list: ${url}/settings/rules`;
  if (isAnyWorkflow)
    return fail(`${who} ${how} the ${rule}: whoever can push a workflow to any branch can write decisions`, fix);
  return warn(`${who} ${how} the ${rule}; readers do not honour what they push or merge without approvals`, fix);
}
