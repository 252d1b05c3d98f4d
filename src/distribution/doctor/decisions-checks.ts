import { DECISIONS } from "../../state/branches.ts";
import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail } from "./symptoms.ts";

/** Status that Waybill posts itself. */
const VERDICT = "waybill/verdict";

/** Nothing is required of a decision that never runs on its branch. */
export const decisionsChecks: DoctorCheck = onForge({
  id: "decisions.checks",
  title: `No check is required on ${DECISIONS} that never runs there`,
  run: (forge) =>
    whereSaid(forge.rules(DECISIONS), ({ requiredChecks }) => {
      const strangers = [...new Set(requiredChecks)].filter((name) => name !== VERDICT);
      const fix = `Leave ${DECISIONS} out of that rule: ${forge.url}/settings/rules`;
      return strangers.map((name) =>
        fail(`The check "${name}" is required, and no workflow runs on that branch: nothing can be merged`, fix),
      );
    }),
});
