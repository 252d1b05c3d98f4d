import type { VerifyRule } from "./verify/rule.ts";

/** Rules of facts that are warnings: what they name is to be looked at, and changes no fact, decision or answer. */
export const stateWarnings: readonly VerifyRule[] = [
  {
    id: "attributes.present",
    level: "warning",
    counted: "refs",
    title: "No attributes change what people see of the branches",
    means:
      "The repository on this disk has `info/attributes`, which hides or rewrites files in a work tree, in `git diff` and in archives.",
    readers: "Nothing: Waybill reads raw objects.",
    who: "Whoever may write to this folder.",
    steps: ["Read the file that the message names, and remove it if it is not yours."],
  },
  {
    id: "history.grafted",
    level: "warning",
    counted: "refs",
    title: "No grafts change what people see of history",
    means: "`info/grafts` gives commits other parents in what git shows here.",
    readers: "Nothing: Waybill reads parents from the commits themselves.",
    who: "Whoever may write to this folder.",
    steps: ["Remove the file that the message names."],
  },
  {
    id: "objects.borrowed",
    level: "warning",
    counted: "refs",
    title: "The repository has its objects itself",
    means:
      "Objects are taken from another folder (`objects/info/alternates`). When that folder goes, history is gone here.",
    readers: "Nothing: every object is hashed, wherever it comes from.",
    who: "Usually yourself: `git clone --shared` or `--reference`.",
    steps: ["Make it whole: `git repack -a -d`, then remove `objects/info/alternates`."],
  },
  {
    id: "ref.homonym",
    level: "warning",
    counted: "refs",
    title: "No other ref has the name of a branch of Waybill",
    means:
      "A tag, a local branch, a branch of another remote, or a file has the short name of one of our branches, at another commit. `git show waybill/state` shows that one, not the one that counts. It breaks no rule, since it changes no fact, decision or answer of Waybill, and since anyone who may push a tag could else make every verify fail.",
    readers: "Nothing: Waybill reads refs by their full names only.",
    who: "Anyone who may push tags, or you: `git checkout waybill/state` leaves a local branch behind that grows old.",
    steps: [
      "A local branch: `git branch -D <name>`.",
      "A tag: `git tag -d <name>`, and on the server `git push origin :refs/tags/<name>`. A tag that nobody remembers making is there to mislead: find who pushed it.",
    ],
  },
  {
    id: "ref.replaced",
    level: "warning",
    counted: "refs",
    title: "No object is replaced by another in what git shows",
    means: "There are `refs/replace/*`: git shows other bytes than the objects hold.",
    readers: "Nothing: Waybill reads with replacing switched off.",
    who: "Whoever may write to this folder, or a fetch of `refs/replace/*`.",
    steps: ["List them: `git replace --list`.", "Remove them: `git replace -d <object>`."],
  },
  {
    id: "time.ahead",
    level: "warning",
    counted: "commits",
    title: "No fact is dated after now",
    means:
      "A commit is dated in the future. A writer with git dates no commit before its parent, so every later one carries that date too; through GitHub's API, which dates commits itself, nothing can be written until then (`state.clock.ahead`). A soak on an `auto` channel counts from such dates, and takes until then.",
    readers: "Nothing, but a soak on an `auto` channel: it gets longer.",
    who: "Anyone who may push to the repository: a person, a workflow, or a token that leaked.",
    steps: [
      "Set the clock of the machine that wrote it, and find who pushed it.",
      "Where the date is years away, make the history again with a true one: `waybill gate open rewrite --help`.",
    ],
  },
  {
    id: "time.backwards",
    level: "warning",
    counted: "commits",
    title: "Time goes forward along facts",
    means:
      "A commit is dated before its parent. Waybill never writes so; a clock was wrong, or the commit was made by hand.",
    readers: "Nothing, but a soak on an `auto` channel: many such commits in a row make it look longer than it was.",
    who: "Anyone who may push to the repository: a person, a workflow, or a token that leaked.",
    steps: [
      "Look at the commit and its parent: `git log -2 --format=fuller <commit>`.",
      "Set the clock of the machine that wrote it.",
    ],
  },
  {
    id: "tree.crowded",
    level: "warning",
    counted: "files",
    title: "Folders hold fewer than 3,000 entries",
    means:
      "A folder grew large; every write to it costs its whole size. At 50,000 entries it is refused (`tree.bounded`).",
    readers: "Nothing yet; writing and reading become slow.",
    who: "Usually nobody in particular: many releases or events. A writer who fills it on purpose, too.",
    steps: ["Look at what fills it: `git ls-tree <tip>:<folder> | wc -l`.", "Seal old records: `waybill state seal`."],
  },
];
