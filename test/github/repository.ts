import { BareRepository } from "./bare-repository.ts";
import { Features } from "./model/features.ts";
import type { FakeAccount } from "./route.ts";

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

/** A repository of the stand-in: settings in memory, everything of git in a real bare repository. */
export class FakeRepository extends BareRepository {
  readonly id: number;
  owner: FakeAccount;
  name: string;
  private: boolean;
  defaultBranch: string;
  /** The repository that this one is a fork of. */
  readonly parent: FakeRepository | null;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  /** Everything that it holds beside git: releases, pull requests, statuses, issues, rulesets, settings. */
  readonly features = new Features();
  /** Roles by account id; the owner is an admin without an entry. */
  readonly roles = new Map<number, Role>();
  /** Tags of immutable releases: `locked` ones move no more, `burned` ones are never made again. */
  readonly lockedTags = new Map<string, "burned" | "locked">();
  /** Called after each move of a ref, whoever made it: REST, GraphQL or a push. */
  readonly moved: ((move: RefMove, by: FakeAccount | null) => void)[] = [];
  /** Moves so far, oldest first. */
  readonly moves: RefMove[] = [];

  constructor(
    path: string,
    made: Pick<FakeRepository, "id" | "owner" | "name" | "private" | "defaultBranch" | "parent" | "createdAt">,
  ) {
    super(path);
    this.id = made.id;
    this.owner = made.owner;
    this.name = made.name;
    this.private = made.private;
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
