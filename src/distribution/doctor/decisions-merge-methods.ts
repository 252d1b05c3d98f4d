import type { ForgeRepository, BranchRules } from "../../ports/forge-settings.ts";
import { DECISIONS } from "../../state/branches.ts";
import { APPLY, onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { fail, unknown, warn } from "./symptoms.ts";

/** Decisions are merged by merge commits, at once, and by nothing else. */
export const decisionsMergeMethods: DoctorCheck = onForge({
  id: "decisions.merge_methods",
  title: `Pull requests into ${DECISIONS} are merged by merge commits only, without a queue`,
  run: (forge) =>
    whereSaid(forge.rules(DECISIONS), async (rules) => [
      ...ruledOut(rules, `${forge.url}/settings/rules`),
      ...methods(rules),
      ...inRepository(await forge.repository(), forge.url),
    ]),
});

function ruledOut({ mergeQueue, linearHistory }: BranchRules, where: string): readonly Symptom[] {
  const leaveOut = `Leave ${DECISIONS} out of that rule: ${where}`;
  return [
    ...(mergeQueue ? [fail("A merge queue makes merges of its own, and none of them is honoured", leaveOut)] : []),
    ...(linearHistory ? [fail("A linear history is required, so no decision can ever be merged", leaveOut)] : []),
  ];
}

function methods({ pullRequest }: BranchRules): readonly Symptom[] {
  const allowed = pullRequest?.mergeMethods ?? ["merge", "squash", "rebase"];
  if (!allowed.includes("merge"))
    return [fail("Merge commits are not allowed, so no decision can ever be merged", APPLY)];
  const others = allowed.filter((method) => method !== "merge");
  if (others.length === 0) return [];
  return [warn(`Merging by ${others.join(" or ")} is allowed, and such a merge is not honoured`, APPLY)];
}

function inRepository({ allowsMergeCommits }: ForgeRepository, url: string): readonly Symptom[] {
  if (allowsMergeCommits === true) return [];
  const fix = `Switch on "Allow merge commits": ${url}/settings`;
  if (allowsMergeCommits === null)
    return [unknown("GitHub does not tell this token whether merge commits are allowed", fix)];
  return [fail("The repository allows no merge commits, so no decision can ever be merged", fix)];
}
