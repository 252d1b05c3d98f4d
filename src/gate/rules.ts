import type { VerifyRule } from "../state/verify/rule.ts";

const MERGERS =
  "Whoever may push to or merge into decisions: where the branch is not protected, anyone with write access; an administrator always.";
const WRITERS = "Anyone who may push to facts: a person, a workflow, or a token that leaked.";

/** Rules about decisions and what proves them. */
export const gateRules: readonly VerifyRule[] = [
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
      "A record of evidence on facts names a merge, bytes, approvals or a policy that the history of decisions does not know: it was made by hand, copied, or written before its decision.",
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
];
