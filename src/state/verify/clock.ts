import { CLOCK_LEEWAY_MS, msOf } from "../../kernel/time.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import type { Report, VerifyCheck } from "./check.ts";

/** `time.backwards` and `time.ahead`, warnings: no commit is dated before its parent, none later than now. Only decisions draw a consequence from time. */
export const clock: VerifyCheck = {
  rules: ["time.ahead", "time.backwards"],
  begin: async ({ ground, report }) => {
    const latest = (ground.clock?.now().getTime() ?? Number.POSITIVE_INFINITY) + CLOCK_LEEWAY_MS;
    return {
      onCommit(commit, parent) {
        if (parent !== null && msOf(commit.at) < msOf(parent.at))
          say(report, "time.backwards", commit, `it is dated ${commit.at}, before its parent of ${parent.at}`);
        // Every later commit is dated by it, because none goes back: the first is the one to look at.
        if (msOf(commit.at) > latest && (parent === null || msOf(parent.at) <= latest))
          say(report, "time.ahead", commit, `it is dated ${commit.at}, which has not come yet`);
      },
    };
  },
};

function say(report: Report, rule: string, { commit, at }: Commit, message: string): void {
  const next = "look at the clock of the machine that wrote it";
  report({ rule, branch: STATE, commit, path: null, message, data: { at }, next });
}
