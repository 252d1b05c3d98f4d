import type { Database, SqlValue } from "../../ports/sql.ts";
import { type AnyKind, kindFinder } from "../document-kind.ts";
import { proofRow } from "../proof-columns.ts";
import type { Decided, DecidedView, NotInForce } from "./decided-view.ts";
import { insertRows } from "./insert.ts";
import { type FileRows, rowsOf } from "./rows.ts";
import type { SnapshotSchema } from "./schema.ts";

/** Inserts what follows from decisions: the rows of every document in force, and `proposals`. */
export function insertDecisions(
  db: Database,
  schema: SnapshotSchema,
  kinds: readonly AnyKind[],
  view: DecidedView | null,
): void {
  if (view === null) return;
  const placeOf = kindFinder(kinds, "decisions");
  const files: FileRows[] = [];
  for (const decided of view.list("")) {
    const place = placeOf(decided.path);
    if (place === undefined) continue;
    const told = { path: decided.path, sha256: decided.sha256, policy: view.policy.document, decision: decided };
    files.push({ path: decided.path, rows: rowsOf(schema, place.kind, decided.document, place.key, told) });
  }
  insertRows(db, schema, files);
  const table = schema.tables.get("proposals");
  if (table !== undefined)
    db.runMany(
      table.insert,
      proposals(view).map((row) => table.columns.map((column) => row[column] ?? null)),
    );
}

type Row = Readonly<Record<string, SqlValue>>;

function proposals(view: DecidedView): readonly Row[] {
  return [
    ...view.list("").flatMap(({ path }) => merged(view.history(path))),
    ...view.pending.flatMap((merge) => unhonoured(view, merge, "pending")),
    ...view.dishonoured.flatMap((merge) => unhonoured(view, merge, "not_honoured")),
  ];
}

/** What the root commit holds was never proposed. */
function merged(history: readonly Decided[]): readonly Row[] {
  return history.flatMap((decided, i) => (decided.grade === null ? [] : [honoured(decided, i === 0)]));
}

function honoured(decided: Decided, inForce: boolean): Row {
  const { document } = decided;
  return {
    merge_commit: decided.commit,
    proposal_id: text(document, "proposal_id"),
    status: inForce ? "in_force" : "earlier",
    schema: text(document, "schema"),
    path: decided.path,
    app: text(document, "app"),
    subject: text(document, "release_id"),
    requested_by: "requested_by" in document ? document.requested_by.name : null,
    requested_at: text(document, "requested_at"),
    reason: text(document, "reason"),
    merged_at: decided.mergedAt,
    approvers: decided.approvers.join(" "),
    ...proofRow(decided),
    condition: null,
    message: null,
    standing: 0,
  };
}

/** A merge stands while it lies on the tip of its path; one that a later decision took the place of is history. */
function unhonoured(view: DecidedView, merge: NotInForce, status: string): readonly Row[] {
  return merge.paths.map((path) => ({
    merge_commit: merge.commit,
    proposal_id: merge.proposalId,
    path,
    status,
    merged_at: merge.at,
    standing: view.standing(path)?.commit === merge.commit ? 1 : 0,
    condition: merge.condition,
    message: merge.message,
  }));
}

function text(document: object, field: string): string | null {
  const value: unknown = Object.entries(document).find(([name]) => name === field)?.[1];
  return typeof value === "string" ? value : null;
}
