import { DECISIONS } from "../../state/branches.ts";
import { APPLY, lacking, onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail } from "./symptoms.ts";

/** The decisions change by pull requests only, and their history stays. */
export const decisionsProtection: DoctorCheck = onForge({
  id: "decisions.protection",
  title: `${DECISIONS} changes by pull requests only and cannot be rewound or deleted`,
  run: (forge) =>
    whereSaid(forge.rules(DECISIONS), (rules) =>
      lacking(rules, [
        ...(rules.pullRequest === null
          ? [fail(`${DECISIONS} accepts direct pushes; readers honour none of them, but each is in the way`, APPLY)]
          : []),
        ...(rules.refusesForcePush
          ? []
          : [fail(`${DECISIONS} accepts force pushes, so whoever may push can make decisions undone`, APPLY)]),
        ...(rules.refusesDeletion
          ? []
          : [fail(`${DECISIONS} may be deleted, and a fresh clone would not know what was decided`, APPLY)]),
      ]),
    ),
});
