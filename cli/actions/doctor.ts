import { defineAction } from "../action/action.ts";
import type { Note } from "../action/annotations.ts";
import { hintSpans } from "../action/summary.ts";
import { doctor as command } from "../commands/doctor.ts";
import { counted } from "../output/cells.ts";

const LEVELS = { fail: "error", warn: "warning", unknown: "warning", ok: null } as const;

/** `actions/doctor`. */
export const doctor = defineAction({
  name: "doctor",
  command,
  // The token of a workflow may not read every setting, and a nightly run shall not be red for that alone.
  mayNotKnow: true,
  title({ ok, warn, fail, unknown }) {
    if (fail > 0) return `${counted(fail, "check")} failed`;
    if (unknown > 0) return `${counted(unknown, "check")} could not be done`;
    return warn > 0 ? counted(warn, "warning") : `${counted(ok, "check")} in order`;
  },
  parts: ({ findings, ok }, { repositoryUrl }) => [
    {
      kind: "table",
      columns: [{ title: "Status" }, { title: "Check" }, { title: "What was found" }, { title: "What to do" }],
      rows: findings
        .filter(({ status }) => status !== "ok")
        .map(({ status, id, message, fix }) => [
          [{ strong: status }],
          [{ code: id }],
          [message],
          fix === null ? [] : hintSpans(fix, repositoryUrl),
        ]),
    },
    { kind: "line", spans: [`In order: ${ok}`] },
  ],
  outputs: ({ warn, fail, unknown }) => ({ fail, warn, unknown }),
  notes: ({ findings }) =>
    findings.flatMap(({ status, id, message }): readonly Note[] => {
      const level = LEVELS[status];
      // The first failure is the error of the command already.
      return level === null || level === "error" ? [] : [{ level, kind: id, message }];
    }),
});
