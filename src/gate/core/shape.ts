import { isRefused, type Refused, reason, refuse } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import type { FileChange, HeadData, MergeData } from "./merge-data.ts";
import type { FindKind, RuledKind } from "./ruled-kind.ts";

/** The one decision of a merge whose form is right. */
export interface Shaped {
  readonly path: string;
  readonly kind: RuledKind;
  readonly document: Documents[DocumentName];
  readonly bytes: Uint8Array;
  readonly sig: Uint8Array | null;
  readonly head: HeadData;
}

/** What judging needs besides view and merge. */
export interface FoldOn {
  readonly findKind: FindKind;
  readonly schemas: Schemas;
}

/**
 * Checks conditions 1 to 3 of spec/trust.md section 5 that ask for no view: two parents, a head of one decision commit and later
 * commits to its `.sig`, the same difference on both sides, exactly the files of one kind, a valid document at its path.
 */
export function shapeOf(on: FoldOn, merge: MergeData): Shaped | Refused {
  const head = headOf(merge);
  if (isRefused(head)) return head;
  const odd = merge.changes.filter(({ after, mode }) => after !== null && mode !== "100644");
  if (odd.length > 0) return bad(`makes ${list(odd)} something else than a plain file`);
  const decisions = merge.changes.filter(({ path }) => on.findKind(path) !== undefined);
  const [decision, second] = decisions;
  if (decision === undefined) return bad(`changes no decision, only ${list(merge.changes)}`);
  if (second !== undefined) return bad(`changes ${decisions.length} decisions; a proposal changes one`);
  const found = documentAt(on, merge, decision);
  if (isRefused(found)) return found;
  const files = { path: decision.path, beside: found.kind.beside?.(found.document) ?? new Map<string, Uint8Array>() };
  const problem = filesProblem(merge, files) ?? headProblem(head, files);
  if (problem !== null) return bad(problem);
  return { ...found, path: decision.path, sig: merge.files.get(`${decision.path}.sig`) ?? null, head };
}

function headOf(merge: MergeData): HeadData | Refused {
  if (merge.parents.length === 1)
    return bad("is no merge: a squash, a rebase, a fast-forward or a direct push does not count");
  if (merge.parents.length > 2) return bad("merges several branches at once");
  if (merge.head === null || typeof merge.head === "string") return bad(merge.head ?? "has no second parent");
  if (!isSameDifference(merge.changes, merge.head.changes))
    return bad("changes something else than its proposal does, or its proposal is out of date");
  return merge.head;
}

function isSameDifference(a: readonly FileChange[], b: readonly FileChange[]): boolean {
  const print = ({ path, before, after, mode }: FileChange) => `${before} ${after} ${mode} ${path}`;
  const other = new Set(b.map(print));
  return a.length === b.length && a.every((change) => other.has(print(change)));
}

function documentAt(
  on: FoldOn,
  merge: MergeData,
  { path, after }: FileChange,
): Pick<Shaped, "kind" | "document" | "bytes"> | Refused {
  const at = on.findKind(path);
  const bytes = merge.files.get(path);
  if (after === null) return bad(`removes ${printable(path)}; decisions are only replaced`);
  if (at === undefined || bytes === undefined) return bad(`${printable(path)} is too large for a decision`);
  try {
    const document = on.schemas.parse(at.kind.schema, bytes, path);
    return at.belongs(document) ? { kind: at.kind, document, bytes } : bad(`${path} says that it belongs elsewhere`);
  } catch (cause) {
    return bad(cause instanceof Error ? printable(cause.message, 300) : `${path} cannot be read`);
  }
}

interface Files {
  readonly path: string;
  readonly beside: ReadonlyMap<string, Uint8Array>;
}

function filesProblem(merge: MergeData, { path, beside }: Files): string | null {
  const sig = `${path}.sig`;
  const extra = merge.changes.filter(
    (change) => change.path !== path && change.path !== sig && !beside.has(change.path),
  );
  if (extra.length > 0) return `also changes ${list(extra)}; a proposal changes only the files of its kind`;
  for (const change of merge.changes) {
    const wanted = beside.get(change.path);
    if (wanted !== undefined && !isEqual(merge.files.get(change.path), wanted))
      return `${change.path} is not what ${path} generates`;
  }
  return null;
}

function headProblem({ commits }: HeadData, { path, beside }: Files): string | null {
  const sig = `${path}.sig`;
  const [first, ...later] = commits;
  if (first === undefined) return "has an empty proposal";
  if (commits.some(({ parents }) => parents !== 1)) return "has a merge inside its proposal";
  if (!first.paths.includes(path)) return "does not begin with the decision commit";
  if (first.paths.some((other) => other !== path && other !== sig && !beside.has(other)))
    return "its decision commit changes other files";
  if (later.some((commit) => commit.paths.some((other) => other !== sig)))
    return "has a second commit to the decision; only signatures may follow it";
  return null;
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function list(changes: readonly FileChange[]): string {
  const shown = changes.slice(0, 3).map(({ path }) => printable(path, 100));
  const rest = changes.length > 3 ? ` and ${changes.length - 3} more` : "";
  return shown.length === 0 ? "nothing" : `${shown.join(", ")}${rest}`;
}

function bad(message: string): Refused {
  return refuse(reason("gate.merge.refused", message));
}
