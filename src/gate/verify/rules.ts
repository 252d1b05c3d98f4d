import type { VerifyRule } from "../../state/verify/rule.ts";

const MERGERS =
  "Whoever may push to or merge into decisions: where the branch is not protected, anyone with write access; an administrator always.";
const WRITERS = "Anyone who may push to facts: a person, a workflow, or a token that leaked.";

/** Rules about decisions and what proves them. */
export const gateRules: readonly VerifyRule[] = [
  {
    id: "checkpoint.back",
    level: "violation",
    counted: "commits",
    title: "Checkpoints go forward",
    means: "A commit put an older checkpoint in the place of a newer one, or removed it.",
    readers: "Readers say how old the tips are by themselves; a checkpoint grants nothing.",
    who: WRITERS,
    steps: [
      "Look at the commit: `git show <commit>`; its parent has the newer one.",
      "Find who pushed it: an old checkpoint makes a history look as if it ended there.",
      "Put a new one in its place: `waybill state checkpoint`.",
    ],
  },
  {
    id: "checkpoint.expired",
    level: "violation",
    counted: "refs",
    title: "The newest checkpoint is as fresh as it promised",
    means:
      "An attestor signed how far the branches were, and until when a newer word was to be expected; that time, or the age that `--max-age` allows, has passed. Either nobody signs any more, or what you were given is an old copy: somebody between you and the repository may withhold newer history, a revoked token or a withdrawn release with it (a freeze).",
    readers: "Readers go on, print the age of the tips, and do not say that a checkpoint vouches for them.",
    who: "Whoever serves the repository to you: a mirror, a proxy, an administrator. Or a schedule that stopped.",
    steps: [
      "Fetch from another place, and compare: `git ls-remote <url> 'refs/heads/waybill/*'`.",
      "Ask who holds the key of an attestor, and run `waybill state checkpoint` there.",
      "For a copy that is meant to be old, say how old it may be: `--max-age 20y`.",
    ],
  },
  {
    id: "checkpoint.forged",
    level: "violation",
    counted: "commits",
    title: "A checkpoint is signed by an attestor and names tips of these histories",
    means:
      "The checkpoint is not signed by an attestor of the policy in force, is of another repository, or names commits that are not on the histories here: it was made by hand, or carried over from the true history to another one.",
    readers: "Readers do not say that it vouches for anything.",
    who: WRITERS,
    steps: [
      "Look at the commit: `git log -1 --format=fuller <commit>`.",
      "Where the attestor was removed from policy on purpose, run `waybill state checkpoint` with the key of another.",
      "Else compare with another clone: the facts that you have may not be the true ones.",
    ],
  },
  {
    id: "checkpoint.missing",
    level: "violation",
    counted: "refs",
    title: "Where an age is asked for, a checkpoint says it",
    means:
      "`--max-age` was given, and no attestor vouches for how far the branches are. The time of a tip says nothing: whoever withholds history can date a commit of facts as they like.",
    readers: "Readers print the age of the tips.",
    who: "Usually nobody: no attestor of policy has run `waybill state checkpoint` yet.",
    steps: [
      "Name an attestor in policy: `waybill gate open policy --add-attestor nightly=nightly.pub --reason checkpoints`.",
      "Run `waybill state checkpoint` on a schedule where its key is kept; the workflow `waybill-verify.yml` does.",
    ],
  },
  {
    id: "decision.ahead",
    level: "warning",
    counted: "decisions",
    title: "No decision is dated after now",
    means:
      "A commit on the branch of decisions is dated in the future, whether it conforms or not. Time never goes back here, so every later merge is judged as if it were made then: a soak is over, and a freeze window may be on for good.",
    readers: "Readers go on; freeze windows and soaks of later merges are judged at that time.",
    who: "Anyone who may push to decisions.",
    steps: [
      "Look at the commit: `git log -1 --format=fuller <commit>`, and find who pushed it.",
      "Where the date is far away, put the branch back to the commit before it, in every clone that has seen it: `git push --force-with-lease origin <commit>^:refs/heads/waybill/decisions`.",
    ],
  },
  {
    id: "decision.conforming",
    level: "violation",
    counted: "decisions",
    title: "Every merge into decisions conforms to the policy before it",
    means:
      "Something came onto the branch of decisions without the approvals, form or proof that the policy in force asks for: a direct push, a squash, a merge during a freeze, one with too few approvals. `data.condition` says which.",
    readers:
      "Readers do not honour it: the last conforming decision of that path stays in force, and each of them says so.",
    who: MERGERS,
    steps: [
      "Nothing has to be undone: the channel did not move.",
      "Find who merged or pushed it; on GitHub the pull request says who.",
      "If it was wanted, propose it again in the ordinary way; the new decision takes its place.",
      "Protect the branch: `waybill init --github --apply`, then `dist doctor`.",
    ],
  },
  {
    id: "decision.seen_false",
    level: "violation",
    counted: "decisions",
    title: "What a decision says of facts was so",
    means:
      "A decision states what it saw of facts (validation, since when a release was on a channel), and the facts at the commit that it names say otherwise, or there is no such commit on the branch.",
    readers: "The decision is in force: approvers approved these words, and nothing else may be asked of facts later.",
    who: "Whoever wrote the proposal by hand; or facts were rewound after it, which `state.ref.rewound` and the count of commits show.",
    steps: [
      "Compare the two: `git show <commit>:<path>` and the facts at `state_seen.commit`.",
      "Ask who approved it what they saw: `waybill gate show <proposal id>`.",
      "If the release should not be there: `dist release rollback`.",
    ],
  },
  {
    id: "evidence.false",
    level: "violation",
    counted: "evidence",
    title: "Evidence says what the history of decisions says",
    means:
      "A record of evidence on facts names a merge, bytes, approvals or a policy that the history of decisions does not know: it was made by hand, copied, or written before its decision. Evidence of a merge that still waits for its proof is one of these: nothing is recorded that proves nothing.",
    readers: "No reader believes it. Where it sits in the place of the true one, the decision is pending.",
    who: WRITERS,
    steps: [
      "Look at the commit: `git show <commit>`.",
      "Find who pushed it.",
      "Ask for the true one: `waybill gate sync`, which raises an alarm as long as the false one is there.",
    ],
  },
  {
    id: "root.mismatch",
    level: "violation",
    counted: "refs",
    title: "Decisions begin at the root that you trust",
    means:
      "The branch of decisions begins at another commit than the one that `--root`, `.waybill.json` or this machine's memory names, or its root is none at all. It was deleted and made again, or this is another repository.",
    readers: "Readers take no decision from it, and every command that needs one stops.",
    who: "Whoever may delete and create the branch: an administrator, or anyone where it is not protected. Also a clone of the wrong repository.",
    steps: [
      "Check that you are in the right repository: `git remote -v`.",
      "Compare with another machine, or with the root in `.waybill.json` of the code.",
      "Restore the branch from a clone that has the trusted root: `git push --force-with-lease origin <tip>:refs/heads/waybill/decisions`.",
    ],
  },
  {
    id: "seal.anchored",
    level: "violation",
    counted: "commits",
    title: "Only what a decision has seen is sealed",
    means:
      "A commit sealed records of a day that no decision in force had seen whole, or records that none had seen as they are, or names a decision that has not seen them. Such records could have been written a moment before they were sealed.",
    readers: "Readers take what the segments hold.",
    who: WRITERS,
    steps: [
      "Look at the commit and its event `state.sealed`, which names the decision: `git show --stat <commit>`.",
      "Read the files that it took the place of in its parent.",
      "Find who pushed it; `waybill state seal` leaves such records where they are.",
    ],
  },
];
