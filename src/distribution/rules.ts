import type { VerifyRule } from "../state/verify/rule.ts";

/** Rules about releases and their bytes. */
export const distributionRules: readonly VerifyRule[] = [
  {
    id: "artifact.changed",
    level: "violation",
    counted: "artifacts",
    title: "Stored bytes are those that were recorded",
    means: "A stored artifact has another SHA-256 than its record. Checked with `--artifacts` only.",
    readers: "Downloads refuse it: they compare the digest before they give the file its name.",
    who: "Whoever may write to the store: release assets on GitHub, or the folder.",
    steps: [
      "Find who replaced it: on GitHub the audit log, on disk the file's owner and time.",
      "Put the true file back from a backup, or publish the next version.",
      "Tell people who took the file by another way than `dist download`.",
    ],
  },
  {
    id: "artifact.missing",
    level: "violation",
    counted: "releases",
    title: "Every artifact of a published release is recorded and stored",
    means:
      "A published release names an artifact that has no record; or, with `--artifacts`, its bytes are not in the store although retention did not give them up.",
    readers: "Downloads of it fail, with the digest that is missing.",
    who: "Without a record: a release document by hand. Without bytes: whoever may delete from the store.",
    steps: [
      "Put the file back from a backup, under the digest that the message names.",
      "Else publish the next version, and yank this one: `dist release yank`.",
    ],
  },
];
