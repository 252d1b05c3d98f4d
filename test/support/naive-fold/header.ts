import { parseExact, pathOf } from "./canonical.ts";
import { commitOf, type DecisionDocument, type InForce, type NaiveHistory, type NaiveView } from "./history.ts";
import type { NaiveShape } from "./shape.ts";

/** Why a header does not fit the view before the merge (sections 4 and 5), or null. */
export function headerFault(history: NaiveHistory, view: NaiveView, tip: string, shape: NaiveShape): string | null {
  const { path, document } = shape;
  if (pathOf(document) !== path) return "belongs at another path";
  if (document.repo_id !== view.repoId) return "another repository";
  if (view.used.has(document.proposal_id)) return "the proposal id was used before";
  const before = view.inForce.get(path);
  if (!isFrom(document, before)) return "from is not the decision in force";
  const dishonoured = dishonouredAt(history, tip, path, before);
  return document.replaces === dishonoured ? null : "replaces is not the dishonoured decision at the tip";
}

function isFrom({ from, ...document }: DecisionDocument, before: InForce | undefined): boolean {
  if (from === null || before === undefined) return from === null && before === undefined;
  if (from.proposal_id !== before.proposalId) return false;
  if (document.schema !== "channel-pointer.v1" || before.document.schema !== "channel-pointer.v1") return true;
  return "release_id" in from && from.release_id === before.document.release_id;
}

/** The id of what lies at the tip of a path instead of the decision in force; undefined where nothing else lies there. */
function dishonouredAt(
  history: NaiveHistory,
  tip: string,
  path: string,
  before: InForce | undefined,
): string | undefined {
  const id = proposalIdOf(commitOf(history, tip).tree.get(path)?.bytes);
  return id === before?.proposalId ? undefined : id;
}

/** The proposal id that bytes state, if they are a document. */
export function proposalIdOf(bytes: Buffer | undefined): string | undefined {
  const value = bytes === undefined ? undefined : parseExact(bytes);
  if (typeof value !== "object" || value === null || !("proposal_id" in value)) return undefined;
  return typeof value.proposal_id === "string" ? value.proposal_id : undefined;
}
