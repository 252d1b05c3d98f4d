import { ToolError } from "../../kernel/errors.ts";
import { isOpaqueId } from "../../kernel/ids.ts";
import type { Proposal } from "../../ports/forge.ts";
import { type AnsweredAccount, type ForgeAt, type Numeric, oidIn, rowsOf } from "./forge-at.ts";
import { orNull } from "./or-null.ts";

/** A pull request as all answers show it. */
export interface Pull {
  readonly number: number;
  readonly html_url: string;
  readonly state: string;
  readonly title: string;
  readonly body: string | null;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly user: AnsweredAccount | null;
  readonly head: { readonly ref: string; readonly sha: string; readonly repo: { readonly id: Numeric } | null };
  readonly base: { readonly ref: string; readonly sha: string; readonly repo: { readonly id: Numeric } };
  readonly labels: readonly { readonly name?: string | undefined }[];
  readonly requested_reviewers?: readonly AnsweredAccount[] | null | undefined;
}

/** A pull request that was asked for by itself, which says more than a list does. */
export interface WholePull extends Pull {
  readonly merged_by: AnsweredAccount | null;
}

/** Makes a proposal of a pull request. One from elsewhere has no branch of ours, whatever its branch is called. */
export function proposalOf(at: ForgeAt, pull: Pull): Proposal {
  const { head, base, number } = pull;
  const foreign = head.repo?.id !== base.repo.id;
  const id = head.ref.startsWith(at.proposalPrefix) ? head.ref.slice(at.proposalPrefix.length) : "";
  return {
    id: !foreign && isOpaqueId(id) ? id : `pull-${number}`,
    number,
    base: oidIn(base.sha, "base of a pull request"),
    head: oidIn(head.sha, "head of a pull request"),
    state: pull.merged_at !== null ? "merged" : pull.state === "open" ? "open" : "closed",
    merge: pull.merged_at === null ? null : oidIn(pull.merge_commit_sha, "merge of a pull request"),
    url: pull.html_url,
    foreign,
  };
}

/** Lists pull requests into the decisions branch, newest first. */
export async function* listPulls(at: ForgeAt, state: "open" | "merged"): AsyncGenerator<Proposal> {
  const wanted = { state: state === "open" ? "open" : "closed", base: at.decisionsBranch } as const;
  const rows = rowsOf<Pull>("pull requests", (paged) =>
    at.client.request("GET /repos/{owner}/{repo}/pulls", {
      ...at.where,
      ...wanted,
      sort: "created",
      direction: "desc",
      ...paged,
    }),
  );
  for await (const pull of rows) {
    const proposal = proposalOf(at, pull);
    if (proposal.state === state) yield proposal;
  }
}

/** Finds a proposal by id, in this repository only, or any pull request into the decisions branch by number; null where there is none. */
export async function findProposal(at: ForgeAt, which: string | number): Promise<Proposal | null> {
  const pull = typeof which === "number" ? await findNumbered(at, which) : await findOfBranch(at, which, "all");
  return pull === null ? null : proposalOf(at, pull);
}

/** Pull requests into any other branch are none of ours, and nobody may close or merge them by a number. */
async function findNumbered(at: ForgeAt, number: number): Promise<Pull | null> {
  const pull = await orNull(() => readPull(at, number));
  return pull?.base.ref === at.decisionsBranch ? pull : null;
}

/** Finds the newest pull request of a proposal's branch. */
export async function findOfBranch(at: ForgeAt, id: string, state: "open" | "all"): Promise<Pull | null> {
  if (!isOpaqueId(id)) return null;
  const head = `${at.where.owner}:${at.proposalPrefix}${id}`;
  const { data } = await at.client.request("GET /repos/{owner}/{repo}/pulls", {
    ...at.where,
    head,
    base: at.decisionsBranch,
    state,
    sort: "created",
    direction: "desc",
    per_page: 100,
  });
  const rows: readonly Pull[] = data;
  // One owner may have a repository and a fork of it, and GitHub asks for the owner only.
  return rows.find((pull) => proposalOf(at, pull).id === id) ?? null;
}

/** Reads one pull request. */
export async function readPull(at: ForgeAt, number: number): Promise<WholePull> {
  const { data } = await at.client.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...at.where,
    pull_number: number,
  });
  return data;
}

/** Number of a proposal's pull request. Throws `internal.bug` where it has none: it is of no forge. */
export function numberOf({ id, number }: Proposal): number {
  if (number !== null) return number;
  throw new ToolError("internal.bug", `${id} has no pull request`);
}
