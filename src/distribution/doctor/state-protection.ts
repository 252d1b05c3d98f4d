import type { BranchRules } from "../../ports/forge-settings.ts";
import { STATE } from "../../state/branches.ts";
import { APPLY, lacking, onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** The facts cannot be rewound, and the tool may add to them. */
export const stateProtection: DoctorCheck = onForge({
  id: "state.protection",
  title: `${STATE} cannot be rewound or deleted, and takes the pushes of the tool`,
  run: (forge) =>
    whereSaid(forge.rules(STATE), (rules) => [
      ...lacking(rules, [
        ...(rules.refusesForcePush
          ? []
          : [fail(`${STATE} accepts force pushes, so whoever may push can make facts undone`, APPLY)]),
        ...(rules.refusesDeletion ? [] : [fail(`${STATE} may be deleted`, APPLY)]),
      ]),
      ...closed(rules, `Leave ${STATE} out of that rule: ${forge.url}/settings/rules`),
    ]),
});

function closed(rules: BranchRules, fix: string): readonly Symptom[] {
  return [
    ...barriers(rules).map((what) => fail(`${what} ${STATE}, so every publish and sync is refused`, fix)),
    ...(rules.signedCommits
      ? [warn(`${STATE} takes signed commits only: with a clone the tool cannot push, through the API it can`, fix)]
      : []),
  ];
}

/** Rules of a branch that keep the tool from pushing to it. */
export function barriers(rules: BranchRules): readonly string[] {
  return [
    ...(rules.pullRequest === null ? [] : ["Pull requests are required for"]),
    ...(rules.restrictsPushes ? ["Only chosen people may push to"] : []),
    ...(rules.requiredChecks.length === 0 ? [] : ["Checks are required for"]),
    ...(rules.mergeQueue ? ["A merge queue is required for"] : []),
  ];
}
