import type { Account, ForgeAnswers, WorkflowRun } from "../gate/core/forge-answers.ts";
import type { Act } from "../kernel/act.ts";
import type { Reason, Refused } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";

export type { Account, AuthoredCommit, ForgeAnswers, Review, WorkflowRun } from "../gate/core/forge-answers.ts";

/** A proposal: a branch whose diff is one decision, and on a forge its pull request. */
export interface Proposal {
  readonly id: string;
  readonly number: number | null;
  /** Commit on the decisions branch that the proposal starts from. */
  readonly base: Oid;
  readonly head: Oid;
  readonly state: "open" | "merged" | "closed";
  /** Commit that its merge, squash or rebase put on the decisions branch; null where it is not merged. */
  readonly merge: Oid | null;
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

/** A verdict as a commit status: `description` of at most 140 characters. */
export interface ProposalStatus {
  readonly state: "success" | "pending" | "failure" | "error";
  readonly description: string;
}

/**
 * Proposals as a forge keeps them. Drivers: github (src/platform/github). Where there is none, a proposal is its branch, and
 * src/gate/review/merge-branch.ts merges it. A signature is no forge call. Every call is safe to repeat: what was done is found.
 * Throws `forge.*`.
 */
export interface Forge {
  readonly kind: "github";
  /** `owner/repo`, for people and commands. */
  readonly name: string;
  /** Where people find the repository, for example `https://github.com/acme/notes`. */
  readonly url: string;
  /** Where a person opens the pull request of a branch that is pushed already. */
  compareUrl(id: string): string;
  /** Opens the pull request of a branch that is pushed already, or finds it. */
  open(proposal: { readonly id: string; readonly head: Oid; readonly base: Oid }, page: ProposalPage): Promise<Opened>;
  /** Pull requests into the decisions branch; those whose branch is no proposal's have the id `pull-<number>`. Newest first. */
  list(state: "open" | "merged"): AsyncIterable<Proposal>;
  /**
   * Finds one by proposal id or by number; one into another branch than that of decisions is none. By id only pull requests whose head
   * lies in this repository, the newest where several have one branch; a fork's is found by number.
   */
  find(which: string | number): Promise<Proposal | null>;
  /** Everything that judging one needs. `run` is the workflow run that the decision names. */
  answers(proposal: Proposal, run: { readonly run_id: number; readonly attempt: number } | null): Promise<ForgeAnswers>;
  /** Reads one attempt of a workflow run; null where there is none. */
  run(named: { readonly run_id: number; readonly attempt: number }): Promise<WorkflowRun | null>;
  /** Writes title, body, labels and reviewers where they differ from what is there. */
  show(proposal: Proposal, page: ProposalPage): Promise<void>;
  /** Posts the status `waybill/verdict` on the head, where it differs from the newest one. */
  post(proposal: Proposal, status: ProposalStatus): Promise<void>;
  /** Comments once per `event`: the same event again finds its comment by a hidden marker and writes nothing. */
  comment(proposal: Proposal, event: string, text: string): Promise<void>;
  close(proposal: Proposal): Promise<void>;
  /** Merges exactly `head` with a merge commit. Refuses with `gate.merge.refused` or `state.push.conflict` where the head moved. */
  merge(proposal: Proposal, head: Oid, title: string, act: Act): Promise<{ readonly commit: Oid } | Refused>;
  /** The account that this process acts as; null where the forge does not say, as for a workflow's token. */
  me(): Promise<Account | null>;
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
