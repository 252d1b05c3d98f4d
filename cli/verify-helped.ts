import { artifactBytes } from "../src/distribution/checks.ts";
import { holdsTombstone } from "../src/distribution/false-tombstones.ts";
import { holdsEvidence } from "../src/gate/verify/against-facts.ts";
import { holdsSegment } from "../src/gate/verify/seal-anchored.ts";
import type { ChangedFile, VerifyCheck } from "../src/state/verify/check.ts";
import { tallying } from "../src/state/verify/tally.ts";
import { verifyChecks } from "./verify-checks.ts";

/** Checks that a helper runs over parts of a long history; those that need decisions are not among them. */
export function helpedChecks(): readonly VerifyCheck[] {
  return [...verifyChecks({}), artifactBytes(null, { records: 0, read: 0 }, null), tallying({})];
}

/** Names under which they are helped. */
export const helpedNames: ReadonlySet<string> = new Set(helpedChecks().flatMap(({ helped }) => helped ?? []));

/** Tells files that only those can check who know decisions. */
export function isNoted(file: ChangedFile): boolean {
  return holdsEvidence(file) || holdsSegment(file) || holdsTombstone(file);
}
