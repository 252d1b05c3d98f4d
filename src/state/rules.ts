import type { VerifyRule } from "./verify/rule.ts";
import { stateWarnings } from "./warning-rules.ts";

const WRITERS = "Anyone who may push to the repository: a person, a workflow, or a token that leaked.";
const MOVERS =
  "Whoever may move the branch by force: an administrator, or anyone where the branch is not protected. Also a restore of an old backup.";
const SEE = "Look at the commit: `git show --stat <commit>`; its parent is what was there before.";
const FIND =
  "Find who pushed it. The names in the commit are claims; on GitHub the page `/activity` of the repository, or the audit log of the organisation, knows the account.";
const LOCK =
  "Protect the branch, so that it does not happen again: `waybill init --github --apply`, then `dist doctor`.";
const REWRITTEN =
  "The commit stays in history and is named for ever; that is meant. Take note of it where your audits are kept.";

function onceWritten(id: string, what: string, readers: string): VerifyRule {
  return {
    id,
    level: "violation",
    counted: "files",
    title: `${what} never changes once it is written`,
    means: `A commit changed or removed a file that holds ${what.toLowerCase()}. Such files are written once.`,
    readers,
    who: WRITERS,
    steps: [SEE, FIND, "Read the true text in the parent: `git show <commit>^:<path>`.", REWRITTEN],
  };
}

/** Rules about history and documents of facts, whatever their plane. */
export const stateRules: readonly VerifyRule[] = [
  onceWritten("audit.append_only", "An audit event", "Readers show the text that is there now."),
  onceWritten("state.append_only", "The scope of the repository", "Readers refuse documents of another scope."),
  onceWritten(
    "decision_evidence.append_only",
    "The evidence of a decision",
    "Readers believe evidence only where it agrees with the merge, so a changed one makes a decision pending at most.",
  ),
  onceWritten("release_tombstone.append_only", "The mark of a retired release", "Readers show what is there now."),
  {
    id: "audit.missing",
    level: "violation",
    counted: "commits",
    title: "Every change of facts comes with its audit event",
    means:
      "A commit changed documents and left no audit event. Waybill never writes such a commit: something else did.",
    readers: "Readers take the documents as they are; facts grant nobody anything.",
    who: WRITERS,
    steps: [SEE, FIND, "Write through `waybill` and `dist` only; what the commit claims is not in `dist audit`.", LOCK],
  },
  {
    id: "document.canonical",
    level: "violation",
    counted: "files",
    title: "What lies at the path of a document is one",
    means:
      "A file is not the one exact print of a valid document: other fields, keys twice or in another order, other line ends, bad text.",
    readers: "Readers leave it out, as if nothing were there, and say so.",
    who: WRITERS,
    steps: [SEE, FIND, "Publish or write it again with the command that makes such a document."],
  },
  {
    id: "history.not_linear",
    level: "violation",
    counted: "commits",
    title: "Facts are one line of commits, counted one by one",
    means:
      "A commit on facts has several parents, no count (`Waybill-Seq`), or a count that does not follow its parent's: it was made by hand, merged, or something between was cut out.",
    readers: "Readers go on; what later commits say still counts.",
    who: WRITERS,
    steps: [
      SEE,
      FIND,
      "Where counts are left out, look for the missing commits in other clones: `git log --format='%h %(trailers:key=Waybill-Seq)' origin/waybill/state`.",
      LOCK,
    ],
  },
  {
    id: "object.intact",
    level: "violation",
    counted: "commits",
    title: "Every object has the hash by which it is called",
    means: "The bytes of a git object are not those that its name stands for. Git does not check this when it reads.",
    readers: "Readers stop at such an object with an error and believe nothing in it.",
    who: "A broken disk, or somebody who writes to the folder of this very repository: objects with a wrong hash cannot be pushed.",
    steps: [
      "Find all of them: `git fsck --full`.",
      "Take a fresh clone and verify that.",
      "Where the fresh clone is broken too, restore the server's repository from a backup.",
    ],
  },
  {
    id: "path.unknown",
    level: "violation",
    counted: "files",
    title: "Only plain files at paths of documents",
    means:
      "A commit brought a file where no document lies: an unknown path, a link, a submodule, an executable, `.gitattributes` or `.gitmodules`, a name that some systems reserve, or a twin that differs only by case.",
    readers: "Readers leave it out.",
    who: WRITERS,
    steps: [SEE, FIND, "Remove the file with a commit; history goes on to name both."],
  },
  {
    id: "record.altered",
    level: "violation",
    counted: "files",
    title: "Records change only as commands change them",
    means:
      "A record was removed, or changed where no command changes it: an app, a channel or the record of an artifact is gone, what was found in a file is said to be something else, or a token may do more than it was made for.",
    readers:
      "Readers go on with what is there now. Bytes stay what was approved, because downloads compare their digest; what `dist artifact show` says of them is not to be believed.",
    who: WRITERS,
    steps: [
      SEE,
      FIND,
      "Put it back as it was: `git show <commit>^:<path>`.",
      "Revoke a token that was altered: `dist token revoke <id>`.",
      LOCK,
    ],
  },
  {
    id: "release.frozen",
    level: "violation",
    counted: "files",
    title: "A published release never changes",
    means: "The document of a release was changed or removed after it was published.",
    readers:
      "On a gated channel readers refuse it: an approval is for the digest of the release, and this one has another. An `auto` channel shows what is there now.",
    who: WRITERS,
    steps: [
      SEE,
      FIND,
      "Read what was published and approved: `git show <commit>^:<path>`.",
      "Publish the next version; the changed one is burned.",
      LOCK,
    ],
  },
  {
    id: "scope.foreign",
    level: "violation",
    counted: "files",
    title: "Documents belong to this repository",
    means: "A document names another tenant or repository: it was copied from elsewhere, or the branch was.",
    readers: "Readers leave it out, and writers refuse to go on in a copied repository.",
    who: `${WRITERS} A fork that was pushed back, too.`,
    steps: [
      SEE,
      FIND,
      "Where the whole branch is of another repository: you are looking at a fork or a copy. Use the original.",
    ],
  },
  {
    id: "seal.exact",
    level: "violation",
    counted: "commits",
    title: "A seal moves files into segments and changes nothing else",
    means:
      "A commit put old records into a segment (`.ndjson`), and the segment is not the one that anyone would make of exactly the files that it took the place of, and of what it held before: a record is missing, was added or differs, lines are not in their one order or form, the segment is too long, or the commit changed something else or left no event `state.sealed` of its own. Or a line went without its record coming back as a file in the same commit.",
    readers: "Readers take what the segment holds. Where it is no segment at all, they leave all of it out and say so.",
    who: WRITERS,
    steps: [SEE, FIND, "Read the true records in the parent: `git show <commit>^:<path>`.", REWRITTEN],
  },
  {
    id: "seal.frozen",
    level: "violation",
    counted: "files",
    title: "A segment of a day never changes",
    means: "A commit changed or removed a segment of audit events, or added one to a day that was sealed already.",
    readers: "Readers take what is there now.",
    who: WRITERS,
    steps: [SEE, FIND, "Read the true segment in the parent: `git show <commit>^:<path>`.", REWRITTEN],
  },
  {
    id: "seal.late",
    level: "violation",
    counted: "files",
    title: "Nothing is added to a day that is sealed, or beside a sealed record",
    means:
      "A commit brought an audit event dated on a day that was sealed before, or a second copy of a record that lies in a segment. Waybill dates what comes late on the day that it is written and keeps each record in one place, so this one was made by hand, to look older than it is or to stand for another.",
    readers:
      "Readers show it with its date; where it lies in the place of a sealed record and differs, neither is believed.",
    who: WRITERS,
    steps: [
      SEE,
      FIND,
      "Take its date as untrue: it was not there when the day was sealed. Of a record, the line of the segment is the true one.",
    ],
  },
  {
    id: "snapshot.differs",
    level: "violation",
    counted: "snapshots",
    title: "A snapshot has the rows of one built anew",
    means:
      "A database that is derived from the branches does not hold what the branches say: the one in this user's cache, or the published copy on `waybill/snapshot`.",
    readers:
      "No verdict, feed or page is made from it. Lists and queries of this machine read the one in the cache; only browsers and dashboards read the published copy.",
    who: "The one in the cache: whoever may write to your cache folder. The published one: anyone who may push, for that branch is not protected.",
    steps: [
      "Remove the one in the cache where the message says so; it is made again.",
      "Publish a true copy: `waybill snapshot publish`.",
    ],
  },
  {
    id: "state.ref.rewound",
    level: "violation",
    counted: "refs",
    title: "A branch only ever goes forward",
    means:
      "This machine has seen the branch further on, or on another line. Commits were taken away: a revoked token may be valid again, an event may be gone.",
    readers:
      "Every command on this machine refuses the branch until it holds again what was seen. Machines without that memory do not know.",
    who: MOVERS,
    steps: [
      "Do not push anything.",
      "Find the lost commits: the message names the last one seen; any clone that has it will do.",
      "Put the branch back: `git push --force-with-lease origin <commit seen>:refs/heads/<branch>` (an administrator, for once).",
      LOCK,
    ],
  },
  {
    id: "tree.bounded",
    level: "violation",
    counted: "commits",
    title: "Nothing on the branches is beyond the bounds of reading",
    means:
      "A folder, file, depth or number of entries is so large that reading it could stop a reader. The size is asked before the content.",
    readers: "Readers refuse what is beyond the bound and go on with the rest where they can.",
    who: WRITERS,
    steps: [
      SEE,
      FIND,
      "Remove it with a commit; where the tip itself cannot be read, put the branch back to the commit before.",
    ],
  },
  ...stateWarnings,
  {
    id: "token.frozen",
    level: "violation",
    counted: "files",
    title: "A revoked token stays revoked",
    means: "The document of a token was changed or removed after it was revoked.",
    readers:
      "Readers take what is there now, so a token that was brought back works again until it is revoked once more.",
    who: WRITERS,
    steps: [SEE, FIND, "Revoke it again at once: `dist token revoke <id>`.", LOCK],
  },
];
