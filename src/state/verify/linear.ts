import { shortOid } from "../../kernel/oid.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import type { Report, VerifyCheck } from "./check.ts";

const SEQ = "Waybill-Seq";
const NEXT = "find who pushed it, and write through waybill only";

/** `history.not_linear`: one parent each, and a count that goes up by one. */
export const linear: VerifyCheck = {
  rules: ["history.not_linear"],
  begin: async ({ report }) => ({ onCommit: (commit, parent) => checkCommit(commit, parent, report) }),
};

function checkCommit(commit: Commit, parent: Commit | null, report: Report): void {
  const say = (message: string, data: Record<string, number | string>) =>
    report({ rule: "history.not_linear", branch: STATE, commit: commit.commit, path: null, message, data, next: NEXT });
  if (commit.parents.length > 1)
    say(`it has ${commit.parents.length} parents; facts follow the first, and what the others hold is left out`, {
      parents: commit.parents.length,
    });
  const before = parent === null ? 0 : seqOf(parent);
  const count = seqOf(commit);
  // Trailers are claims: what says that a command wrote it after one without count is named like any other.
  if (count === null && before === null && parent !== null)
    say(
      `it has no ${SEQ}, and ${shortOid(parent.commit)} before it has none: nobody can tell that nothing was cut out`,
      {},
    );
  else if (count === null) say(`it has no ${SEQ}, so it was not written by waybill`, {});
  else if (before !== null && count !== before + 1)
    say(`its ${SEQ} is ${count} after ${before}${parent === null ? "" : ` of ${shortOid(parent.commit)}`}`, {
      before,
      count,
    });
}

function seqOf(commit: Commit): number | null {
  const text = commit.trailers.get(SEQ) ?? "";
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
