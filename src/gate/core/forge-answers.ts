import type { Oid } from "../../kernel/oid.ts";

/** An account as the forge knows it now. Ids are compared, logins only shown: a renamed login is free for anyone. */
export interface Account {
  readonly id: number;
  readonly login: string;
  readonly kind: "user" | "bot";
}

/** One verdict of a person on a pull request, as the forge recorded it. */
export interface Review {
  /** Null where the account is deleted. */
  readonly by: Account | null;
  /** What it said when it was submitted; a later dismissal stands in `dismissedAt`. */
  readonly verdict: "approved" | "changes_requested" | "commented";
  readonly commit: Oid | null;
  /** RFC 3339 UTC, by the forge. */
  readonly submittedAt: string;
  /** When it was dismissed; null where it stands. */
  readonly dismissedAt: string | null;
  /** Whether that account may write to the repository; null where the forge did not say. */
  readonly mayWrite: boolean | null;
}

/** A workflow run that a proposal says it was asked for by. */
export interface WorkflowRun {
  readonly id: number;
  readonly attempt: number;
  /** Who started this attempt. */
  readonly starter: Account | null;
  readonly event: string;
  /** Path of the workflow file, for example `.github/workflows/promote.yml`. */
  readonly path: string;
  /** Whether it ran the default branch's code of this repository. */
  readonly isDefaultBranch: boolean;
}

/** Whose commit it is, as far as the forge knows accounts behind git's names; null for those that it does not know. */
export interface AuthoredCommit {
  readonly commit: Oid;
  readonly author: Account | null;
  readonly committer: Account | null;
}

/** All that a forge says of one pull request, judged in gate and nowhere else. */
export interface ForgeAnswers {
  /** Who opened it; null where the account is deleted. */
  readonly author: Account | null;
  /** Its commits, oldest first. */
  readonly commits: readonly AuthoredCommit[];
  /** Oldest first. */
  readonly reviews: readonly Review[];
  /** True where its base branch was ever another one. */
  readonly retargeted: boolean;
  readonly merged: { readonly at: string; readonly by: Account | null; readonly commit: Oid } | null;
  /** The run that was asked about; null where there is none. */
  readonly run: WorkflowRun | null;
  /** The forge's own time, RFC 3339 UTC, when it answered. */
  readonly at: string;
}
