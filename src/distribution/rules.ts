import type { VerifyRule } from "../state/verify/rule.ts";

const WRITERS = "Anyone who may push to facts: a person, a workflow, or a token that leaked.";
const FIND =
  "Find who pushed it. The names in the commit are claims; on GitHub the page `/activity` of the repository, or the audit log of the organisation, knows the account.";

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
  {
    id: "release.id_reused",
    level: "violation",
    counted: "files",
    title: "An id is the id of one release",
    means:
      "A commit brought a release document, at the path of another version or app, with the id of a release that was there before. Ids are minted once; this one was copied to be taken for the other.",
    readers:
      "Channels and downloads go by version and digest, so they give what was approved. Lists show both and say so; who names a release by that id is asked for its version.",
    who: WRITERS,
    steps: [
      "Look at the commit: `git show --stat <commit>`; the message names the release that had the id first.",
      FIND,
      "Remove the copy with a commit; history goes on to name it.",
    ],
  },
  {
    id: "release_tombstone.in_force",
    level: "violation",
    counted: "files",
    title: "What decisions need is not retired",
    means:
      "A commit says that retention removed the bytes of a release which a gated channel points at or came from, between what its decision had seen and what the next one had. Retention never does that: somebody wrote the mark by hand, to stop its downloads or a rollback to it.",
    readers:
      "Readers do not believe it while a decision in force needs the release: it is given out and rolled back to as before, and its bytes are missed where they are gone. `dist store cleanup` removes only what policy lets go, whatever a mark says.",
    who: WRITERS,
    steps: [
      "Look at the commit: `git show --stat <commit>`.",
      FIND,
      "Remove the mark with a commit; history goes on to name both.",
      "See whether the bytes are there: `dist artifact verify`.",
    ],
  },
];
