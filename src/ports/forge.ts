import type { Act } from "../kernel/act.ts";
import type { Reason, Refused } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";

/** An account as the forge knows it now. Ids are compared, logins only shown: a renamed login is free for anyone. */
export interface Account {
  readonly id: number;
  readonly login: string;
  readonly kind: "user" | "bot";
}

/** A proposal: a branch whose diff is one decision, and on a forge its pull request. */
export interface Proposal {
  readonly id: string;
  readonly number: number | null;
  /** Commit on the decisions branch that the proposal starts from. */
  readonly base: Oid;
  readonly head: Oid;
  readonly state: "open" | "merged" | "closed";
  readonly url: string | null;
  /** Made outside this repository, for example from a fork. */
  readonly foreign: boolean;
}

/** What people see of a proposal on a forge. Text is Markdown that is safe already. */
export interface ProposalPage {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Ids of accounts who are asked to look at it. */
  readonly reviewers: readonly number[];
}

/** A proposal on its forge, or a pushed branch that a person must open, because the forge does not let the tool do it. */
export type Opened = { readonly proposal: Proposal } | { readonly compareUrl: string; readonly why: Reason };

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

/** All that a forge says of one pull request, judged in gate and nowhere else. */
export interface ForgeAnswers {
  /** Who opened it; null where the account is deleted. */
  readonly author: Account | null;
  /** Authors and committers of its commits, as far as the forge knows accounts behind them; null for those that it does not know. */
  readonly committers: readonly (Account | null)[];
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

/** A verdict as a commit status: `description` of at most 140 characters. */
export interface ProposalStatus {
  readonly state: "success" | "pending" | "failure" | "error";
  readonly description: string;
}

/**
 * Proposals as a forge keeps them. Drivers: github (src/platform/github). Where there is none, a proposal is its branch, and
 * src/gate/merge-branch.ts merges it. A signature is no forge call. Every call is safe to repeat: what was done is found.
 * Throws `forge.*`.
 */
export interface Forge {
  readonly kind: "github";
  /** `owner/repo`, for people and commands. */
  readonly name: string;
  /** Opens the pull request of a branch that is pushed already, or finds it. */
  open(proposal: { readonly id: string; readonly head: Oid; readonly base: Oid }, page: ProposalPage): Promise<Opened>;
  /** Pull requests into the decisions branch; those whose branch is no proposal's have the id `pull-<number>`. Newest first. */
  list(state: "open" | "merged"): AsyncIterable<Proposal>;
  /** Finds one by proposal id or by number; the newest where several have one branch. */
  find(which: string | number): Promise<Proposal | null>;
  /** Everything that judging one needs. `run` is the workflow run that the decision names. */
  answers(proposal: Proposal, run: { readonly run_id: number; readonly attempt: number } | null): Promise<ForgeAnswers>;
  /** Writes title, body, labels and reviewers where they differ from what is there. */
  show(proposal: Proposal, page: ProposalPage): Promise<void>;
  /** Posts the status `waybill/verdict` on the head, where it differs from the newest one. */
  post(proposal: Proposal, status: ProposalStatus): Promise<void>;
  /** Comments once per `event`: the same event again finds its comment by a hidden marker and writes nothing. */
  comment(proposal: Proposal, event: string, text: string): Promise<void>;
  close(proposal: Proposal): Promise<void>;
  /** Merges exactly `head` with a merge commit. Refuses with `gate.merge.refused` or `state.push.conflict` where the head moved. */
  merge(proposal: Proposal, head: Oid, title: string, act: Act): Promise<{ readonly commit: Oid } | Refused>;
  visibility(): Promise<"public" | "private" | "unknown">;
  /** Numeric id of the repository, which stays when it is renamed and differs in a fork. */
  repositoryId(): Promise<number>;
  /** Finds the account of a login; null where there is none. */
  account(login: string): Promise<Account | null>;
  /** The forge's own time, so that a wrong clock here changes no verdict. */
  now(): Promise<Date>;
  /** Starts a workflow of the default branch, for events that the workflow token suppresses. */
  dispatch(workflow: string, inputs: Readonly<Record<string, string>>): Promise<void>;
}
