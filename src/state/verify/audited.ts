import { STATE } from "../branches.ts";
import type { VerifyCheck } from "./check.ts";

/** `audit.missing`: a commit that changes documents adds an audit event. */
export const audited: VerifyCheck = {
  rules: ["audit.missing"],
  begin: async ({ report }) => {
    let changed = 0;
    let events = 0;
    return {
      onStart() {
        changed = 0;
        events = 0;
      },
      onFile({ place, before, after }) {
        if (place?.kind.name !== "audit-event.v1") changed += 1;
        else if (before === null && after?.document !== undefined) events += 1;
      },
      onCommit(commit) {
        if (changed > 0 && events === 0) {
          const message = `it changes ${changed} ${changed === 1 ? "file" : "files"} and adds no audit event`;
          const next = "find who pushed it, and write through waybill only";
          report({
            rule: "audit.missing",
            branch: STATE,
            commit: commit.commit,
            path: null,
            message,
            data: { changed },
            next,
          });
        }
      },
    };
  },
};
