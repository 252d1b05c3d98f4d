import { shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import { type DocumentKind, isFrozen } from "../document-kind.ts";
import type { ChangedFile, Report, VerifyCheck } from "./check.ts";
import { firstDifference } from "./difference.ts";

/** `audit.append_only`, `release.frozen` and the like of every kind: what may not change any more has not changed. */
export const frozen: VerifyCheck = {
  rules: ["audit.append_only", "release.frozen", "token.frozen"],
  begin: async ({ report }) => ({ onFile: (file, commit) => checkFile(file, commit, report) }),
};

function checkFile(file: ChangedFile, commit: Commit, report: Report): void {
  // Whether what is sealed one day may go, `sealed` knows.
  if (file.after !== null || file.place?.kind.sealed === undefined) reportChanged(file, commit, report);
}

/** Reports a file that changed or went although its document may not any more. */
export function reportChanged(file: ChangedFile, commit: Commit, report: Report): void {
  const { place, before, after, path } = file;
  if (place === undefined || before === null || after?.oid === before.oid) return;
  const kind: DocumentKind = place.kind;
  const isOver = kind.life === "append-only" || (before.document !== undefined && isFrozen(kind, before.document));
  if (!isOver) return;
  const pointer = after === null ? null : firstDifference(before.document, after.document);
  const what = after === null ? "was removed" : "changed";
  const thing = thingOf(kind);
  report({
    rule: kind.life === "append-only" ? `${thing}.append_only` : `${thing}.frozen`,
    branch: STATE,
    commit: commit.commit,
    path,
    message: `${printable(path)}${pointer ? `#${printable(pointer)}` : ""} ${what} on ${commit.at.slice(0, 10)}, after it was ${sinceOf(kind, thing)}`,
    data: { before: before.oid, after: after?.oid ?? null, pointer },
    next: `find who pushed it; what was there before is in ${shortOid(commit.commit)}^`,
  });
}

/** The word for a kind in rule names: `release` of `release.v1`. */
function thingOf({ name }: DocumentKind): string {
  return name === "audit-event.v1" ? "audit" : name.replace(/\.v\d+$/, "").replaceAll("-", "_");
}

/** Since when a document does not change any more, in a word. */
function sinceOf({ life }: DocumentKind, thing: string): string {
  if (life === "append-only") return "written";
  return thing === "token" ? "revoked" : "published";
}
