import type { FakeAccount } from "../route.ts";

/** A comment of the conversation of an issue or a pull request. */
export interface FakeComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly user: FakeAccount;
  readonly createdAt: string;
  updatedAt: string;
}

/** A label of the repository. */
export interface FakeLabel {
  readonly id: number;
  name: string;
  color: string;
  description: string | null;
}

/** What happened to an issue or a pull request, as its timeline tells it. */
export interface FakeIssueEvent {
  readonly id: number;
  readonly issue: number;
  readonly event: IssueEventName;
  readonly actor: FakeAccount | null;
  readonly createdAt: string;
  readonly commitId?: string | null;
  /** Fields that only this kind of event has, in GitHub's own form. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Kinds of events that the stand-in records. */
export type IssueEventName =
  | "base_ref_changed"
  | "closed"
  | "head_ref_deleted"
  | "head_ref_force_pushed"
  | "labeled"
  | "merged"
  | "renamed"
  | "reopened"
  | "review_dismissed"
  | "review_request_removed"
  | "review_requested"
  | "unlabeled";

/** An issue that is no pull request. */
export interface FakeIssue {
  readonly number: number;
  readonly id: number;
  title: string;
  body: string | null;
  state: "closed" | "open";
  readonly user: FakeAccount;
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
}

/** Longest comment. */
export const MAX_COMMENT_LENGTH = 65_536;

/** Conversations, labels and events of one repository. Pull requests share the numbers of issues. */
export class Issues {
  readonly issues: FakeIssue[] = [];
  readonly comments: FakeComment[] = [];
  readonly labels: FakeLabel[] = [];
  readonly events: FakeIssueEvent[] = [];
  /** Names of the labels by issue number, in the order in which they were set. */
  readonly labelsOf = new Map<number, string[]>();
  #lastNumber = 0;

  /** The next number of an issue or a pull request. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Finds a label; names differ by more than case. */
  label(name: string): FakeLabel | undefined {
    return this.labels.find((label) => label.name.toLowerCase() === name.toLowerCase());
  }

  /** Labels of an issue. */
  labelled(issue: number): readonly FakeLabel[] {
    const names = this.labelsOf.get(issue) ?? [];
    return names.map((name) => this.label(name)).filter((label) => label !== undefined);
  }

  /** Comments of an issue, oldest first. */
  commentsOf(issue: number): readonly FakeComment[] {
    return this.comments.filter((comment) => comment.issue === issue);
  }

  /** Events of an issue, oldest first. */
  eventsOf(issue: number): readonly FakeIssueEvent[] {
    return this.events.filter((event) => event.issue === issue);
  }
}
