import { shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import { type DocumentKind, isFrozen } from "../document-kind.ts";
import type { ChangedFile, Report, VerifyCheck } from "./check.ts";

/** `record.altered`: a document that may change changed as some command changes it, and did not go. What is frozen has rules of its own. */
export const altered: VerifyCheck = {
  rules: ["record.altered"],
  begin: async ({ report }) => ({ onFile: (file, commit) => checkFile(file, commit, report) }),
};

function checkFile(file: ChangedFile, commit: Commit, report: Report): void {
  // Whether what is sealed one day may go, `sealed` knows.
  if (file.after !== null || file.place?.kind.sealed === undefined) reportAltered(file, commit, report);
}

/** Reports a file that changed or went as no command changes or removes it. */
export function reportAltered({ place, before, after, path }: ChangedFile, commit: Commit, report: Report): void {
  if (place === undefined || before?.document === undefined) return;
  const kind: DocumentKind = place.kind;
  if (isFrozen(kind, before.document)) return;
  const changed = after === null ? null : membersBeyond(kind, before.document, after.document);
  if (after === null ? mayGo(kind) : changed?.length === 0) return;
  const what = changed === null ? "was removed" : `changed in ${changed.map((name) => printable(name, 60)).join(", ")}`;
  report({
    rule: "record.altered",
    branch: STATE,
    commit: commit.commit,
    path,
    message: `${printable(path)} ${what} on ${commit.at.slice(0, 10)}, which no command does`,
    data: { before: before.oid, after: after?.oid ?? null },
    next: `find who pushed it; what was there before is in ${shortOid(commit.commit)}^`,
  });
}

function mayGo({ changes }: DocumentKind): boolean {
  return changes !== undefined && "goes" in changes;
}

/** Members that changed although no command changes them. What is no document any more is named as that. */
export function membersBeyond(
  { changes }: Pick<DocumentKind, "changes">,
  before: object,
  after: object | undefined,
): readonly string[] {
  if (after === undefined || changes === undefined || "goes" in changes) return [];
  const was = new Map<string, unknown>(Object.entries(before));
  const is = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => !changes.members.includes(name))
    .filter((name) => JSON.stringify(was.get(name)) !== JSON.stringify(is.get(name)));
}
