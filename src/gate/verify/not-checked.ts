import { type Oid, shortOid } from "../../kernel/oid.ts";
import type { NotChecked } from "../../schema/types.gen.ts";

/** What a clone can never tell, whatever is asked of it. */
const neverTold: readonly NotChecked[] = [
  {
    what: "commit.pusher",
    why: "not_possible",
    count: null,
    message: "who pushed a commit: author, committer and trailers are what it says of itself",
    next: "the forge's audit log knows the account",
  },
  {
    what: "tag.source",
    why: "not_possible",
    count: null,
    message: "whether the tags of releases still point at their source commits",
    next: null,
  },
];

/** What nobody says where no checkpoint vouches for the tips. */
export const withoutCheckpoint: NotChecked = {
  what: "checkpoint.absent",
  why: "not_here",
  count: null,
  message: "how far the branches should be by now: no checkpoint vouches for the tips",
  next: "waybill state checkpoint, where the key of an attestor is kept",
};

/** What this run says nothing about, of what another run or another machine could. */
export function notCheckedOf(on: {
  /** Whether this user has seen the branches before. */
  readonly isKnown: boolean;
  /** Whether there is a repository on disk, in which refs of the same names were looked for. */
  readonly isLooked: boolean;
  /** Whether the root was named by something other than this user's memory. */
  readonly isRootGiven: boolean;
  readonly facts: { readonly remembered: number } | null;
  /** Root of decisions; null where they are not here. */
  readonly root: Oid | null;
}): readonly NotChecked[] {
  const remembered = on.facts?.remembered ?? 0;
  const rows: (NotChecked | false)[] = [
    remembered > 0 && {
      what: "history.remembered",
      why: "not_asked",
      count: remembered,
      message: `${remembered} ${remembered === 1 ? "commit" : "commits"} of facts that an earlier run on this machine found right`,
      next: "--full",
    },
    on.facts === null && {
      what: "facts.absent",
      why: "not_here",
      count: null,
      message: "every rule about facts",
      next: null,
    },
    on.root === null && {
      what: "decisions.absent",
      why: "not_here",
      count: null,
      message: "every rule about decisions, and what facts say of them",
      next: null,
    },
    !on.isLooked && {
      what: "ref.homonym",
      why: "not_here",
      count: null,
      message: "tags and other refs that go by the names of the branches: there is no clone on this disk to look into",
      next: "verify in a clone",
    },
    !on.isKnown && {
      what: "tips.first_seen",
      why: "not_possible",
      count: null,
      message: "whether the branches were further on before: this machine sees them for the first time",
      next: null,
    },
    on.root !== null &&
      !on.isRootGiven && {
        what: "root.unpinned",
        why: "not_asked",
        count: null,
        message: `root ${shortOid(on.root)} against one from elsewhere`,
        next: "--root <commit>",
      },
  ];
  return [...rows.filter((row) => row !== false), ...neverTold];
}
