import type { Reason } from "../src/kernel/errors.ts";
import type { NotChecked, StateVerifyResultV1 } from "../src/schema/types.gen.ts";
import { counted } from "./output/cells.ts";

/** How `state verify` ends: exit 1 where a rule is broken, else 4 where something is missing, else 0. */
export function endingOf(result: StateVerifyResultV1): {
  readonly exit: 0 | 1 | 4;
  readonly error?: Reason;
  readonly warnings: readonly Reason[];
} {
  const { violation_count, commits_violated, missing, violations } = result;
  const warnings = result.not_checked.filter(({ what }) => what === "artifact.elsewhere").map(elsewhere);
  const [violation] = violations;
  if (violation !== undefined) {
    const message = `${counted(violation_count, "violation")} in ${counted(commits_violated, "commit")}, the first: ${violation.rule}: ${violation.message}`;
    const data = { rule: violation.rule, commit: violation.commit, path: violation.path, violation_count };
    return { exit: 1, error: { code: "state.verify.violated", message, data, hints: [violation.next] }, warnings };
  }
  const [lack] = missing;
  if (lack === undefined) return { exit: 0, warnings };
  const data = { branch: lack.branch, commit: lack.commit };
  return {
    exit: 4,
    error: { code: "state.verify.incomplete", message: lack.message, data, hints: [lack.next] },
    warnings,
  };
}

/** Bytes of artifacts that were not read, and why. */
export function unread({ records, read }: StateVerifyResultV1["artifacts"], asked: boolean): readonly NotChecked[] {
  const count = records - read;
  if (count === 0) return [];
  const message = `the bytes of ${counted(count, "artifact")}`;
  if (!asked) return [{ what: "artifact.bytes", why: "not_asked", count, message, next: "--artifacts reads them" }];
  const next = 'GITHUB_TOKEN="$(gh auth token)" for those on GitHub, --local-store for those in a folder';
  return [
    { what: "artifact.elsewhere", why: "not_here", count, message: `${message}, which are in another store`, next },
  ];
}

function elsewhere({ count, message }: NotChecked): Reason {
  const hints = ['Those on GitHub: GITHUB_TOKEN="$(gh auth token)"', "Those in a folder: --local-store"];
  return { code: "artifact.elsewhere", message: `Not read: ${message}`, data: { unread: count }, hints };
}
