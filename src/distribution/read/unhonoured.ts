import type { Reason } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Database } from "../../ports/sql.ts";
import { dishonouredWarning, pendingWarning } from "../../gate/core/unhonoured-warning.ts";
import { ask, type Row } from "./record.ts";

/** What every reader of decisions prints first: merges on the tip that moved nothing, and why. */
export function unhonouredWarnings(database: Database): readonly Reason[] {
  const { rows } = ask(
    database,
    "SELECT * FROM proposals WHERE standing = 1 AND status IN ('pending', 'not_honoured') ORDER BY status DESC, merged_at, merge_commit, path",
  );
  const byMerge = new Map<string, Row[]>();
  for (const row of rows) {
    const commit = row.text("merge_commit");
    byMerge.set(commit, [...(byMerge.get(commit) ?? []), row]);
  }
  return [...byMerge.values()].flatMap(warningOf);
}

function warningOf(rows: readonly Row[]): readonly Reason[] {
  const [row] = rows;
  const commit = row?.text("merge_commit");
  if (row === undefined || !isCommit(commit)) return [];
  const merge = {
    commit,
    paths: rows.map((one) => one.text("path")),
    proposalId: row.textOrNull("proposal_id"),
    condition: row.textOrNull("condition") ?? "shape",
    message: row.textOrNull("message") ?? "",
  };
  return [row.text("status") === "pending" ? pendingWarning(merge) : dishonouredWarning(merge)];
}

function isCommit(text: string | undefined): text is Oid {
  return text !== undefined && isOid(text);
}
