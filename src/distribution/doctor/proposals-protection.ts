import { PROPOSALS } from "../../state/branches.ts";
import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { barriers } from "./state-protection.ts";
import { fail, warn } from "./symptoms.ts";

/** Branches of proposals can be made, signed and removed. */
export const proposalsProtection: DoctorCheck = onForge({
  id: "proposals.protection",
  title: `No rule keeps the tool from pushing ${PROPOSALS}*`,
  run: (forge) =>
    whereSaid(forge.rules(`${PROPOSALS}prop_0`), (rules) => {
      const fix = `Leave ${PROPOSALS}* out of that rule: ${forge.url}/settings/rules`;
      const made = [...barriers(rules), ...(rules.restrictsCreation ? ["Only chosen people may create"] : [])];
      return [
        ...made.map((what) => fail(`${what} ${PROPOSALS}*, so nothing can be proposed`, fix)),
        ...(rules.refusesDeletion
          ? [warn(`${PROPOSALS}* may not be deleted, so branches of finished proposals stay`, fix)]
          : []),
      ];
    }),
});
