import { documentOf, pathOf } from "./canonical.ts";
import {
  commitOf,
  type DecisionDocument,
  type InForce,
  type NaiveFile,
  type NaiveHistory,
  type NaiveView,
  sha256,
} from "./history.ts";
import type { NaiveShape } from "./shape.ts";

/** Why a header does not fit the view before the merge (sections 4 and 5), or null. */
export function headerFault(history: NaiveHistory, view: NaiveView, tip: string, shape: NaiveShape): string | null {
  const { path, document } = shape;
  if (pathOf(document) !== path) return "belongs at another path";
  if (document.repo_id !== view.repoId) return "another repository";
  if (view.used.has(document.proposal_id)) return "the proposal id was used before";
  const before = view.inForce.get(path);
  if (!isFrom(document, before)) {
    // Evidence that comes late may bring a decision into force after another one has taken its place: that one stays.
    const isLate = before !== undefined && before.grade !== "signed" && document.replaces === before.proposalId;
    const isSame = isLate && JSON.stringify(document.from) === JSON.stringify(before.document.from);
    return isSame ? null : "from is not the decision in force";
  }
  const standing = standingAt(history, tip, path, before);
  return document.replaces === standing ? null : "replaces is not the dishonoured decision at the tip";
}

function isFrom({ from, ...document }: DecisionDocument, before: InForce | undefined): boolean {
  if (from === null || before === undefined) return from === null && before === undefined;
  if (from.proposal_id !== before.proposalId) return false;
  if (document.schema !== "channel-pointer.v1" || before.document.schema !== "channel-pointer.v1") return true;
  return "release_id" in from && from.release_id === before.document.release_id;
}

/** The id of the document that lies at the tip of a path instead of the decision in force; undefined where none does. */
export function standingAt(history: NaiveHistory, tip: string, path: string, before: InForce | undefined) {
  const file = commitOf(history, tip).tree.get(path);
  if (file === undefined || sha256(file.bytes) === before?.digest) return undefined;
  return proposalIdOf(path, file);
}

/** The proposal id that a file states; undefined where it is no document. */
export function proposalIdOf(path: string, file: NaiveFile | undefined): string | undefined {
  return documentOf(path, file)?.proposal_id;
}
