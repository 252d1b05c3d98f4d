import { BareRepository } from "./bare-repository.ts";
import type { FakeAccount } from "./route.ts";
import type { FakeRuleset } from "./ruleset.ts";

/** A move of one ref; null stands for "does not exist". */
export interface RefMove {
  readonly ref: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Number of the pull request whose merge moves it. */
  readonly pull?: number;
  /** The move rewrites history: `from` is no ancestor of `to`. */
  readonly isForced?: boolean;
}

/** What an account may do in a repository. */
export type Role = "admin" | "maintain" | "write" | "triage" | "read";

/** Switches of a repository; each is a plain field that a test or a route sets. */
export interface RepositorySettings {
  immutableReleases: { enabled: boolean; enforced_by_owner: boolean };
  /** Permissions of a workflow token that names none, and whether one may create and approve pull requests. */
  workflowPermissions: { default_workflow_permissions: "read" | "write"; can_approve_pull_request_reviews: boolean };
  actions: { enabled: boolean; allowed_actions: "all" | "local_only" | "selected" };
  allow_merge_commit: boolean;
  allow_squash_merge: boolean;
  allow_rebase_merge: boolean;
  allow_auto_merge: boolean;
  delete_branch_on_merge: boolean;
  has_issues: boolean;
  archived: boolean;
  description: string | null;
  homepage: string | null;
}

/** A repository of the stand-in: settings in memory, everything of git in a real bare repository. */
export class FakeRepository extends BareRepository {
  readonly id: number;
  owner: FakeAccount;
  name: string;
  visibility: "public" | "private" | "internal";
  defaultBranch: string;
  /** The repository that this one is a fork of. */
  readonly parent: FakeRepository | null;
  readonly createdAt: Date;
  readonly settings: RepositorySettings = {
    immutableReleases: { enabled: false, enforced_by_owner: false },
    workflowPermissions: { default_workflow_permissions: "read", can_approve_pull_request_reviews: false },
    actions: { enabled: true, allowed_actions: "all" },
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    has_issues: true,
    archived: false,
    description: null,
    homepage: "",
  };
  /** Rulesets in the order of their making. */
  readonly rulesets: FakeRuleset[] = [];
  /** Roles by account id; the owner is an admin without an entry. */
  readonly roles = new Map<number, Role>();
  /** Called after each move of a ref, whoever made it: REST, GraphQL or a push. */
  readonly moved: ((move: RefMove, by: FakeAccount | null) => void)[] = [];
  /** Moves so far, oldest first. */
  readonly moves: RefMove[] = [];

  constructor(
    path: string,
    made: Pick<FakeRepository, "id" | "owner" | "name" | "visibility" | "defaultBranch" | "parent" | "createdAt">,
  ) {
    super(path);
    this.id = made.id;
    this.owner = made.owner;
    this.name = made.name;
    this.visibility = made.visibility;
    this.defaultBranch = made.defaultBranch;
    this.parent = made.parent;
    this.createdAt = made.createdAt;
  }

  /** For example `acme/notes`. */
  get fullName(): string {
    return `${this.owner.login}/${this.name}`;
  }

  /** Tells what an account may do here; null where it may do nothing that the public may not. */
  roleOf(account: FakeAccount): Role | null {
    return account.id === this.owner.id ? "admin" : (this.roles.get(account.id) ?? null);
  }

  /** Remembers a move of a ref and tells those who listen. */
  noteMove(move: RefMove, by: FakeAccount | null): void {
    this.moves.push(move);
    for (const tell of this.moved) tell(move, by);
  }
}

/**
 * State that an area of the API keeps per repository, without the repository knowing of it: `const pullsOf = slot(() => new Pulls())`,
 * then `pullsOf(repo)`.
 */
export function slot<T>(make: (repo: FakeRepository) => T): (repo: FakeRepository) => T {
  const made = new WeakMap<FakeRepository, T>();
  return (repo) => {
    const found = made.get(repo) ?? make(repo);
    made.set(repo, found);
    return found;
  };
}
