import type { FakePull } from "../model/pulls.ts";
import { association } from "../model/rights.ts";
import type { FakeRepository } from "../repository.ts";
import type { Call, FakeAccount, Reply } from "../route.ts";
import { showLabel } from "./show-issue.ts";
import { repoPage, repoUrl, showRepository } from "./show-repository.ts";
import { nodeId, showUser, showUserOrNull } from "./show-user.ts";

/** A pull request as lists show it. */
export function showPull(pull: FakePull, call: Call): Readonly<Record<string, unknown>> {
  const { repo, world } = call;
  const url = `${repoUrl(repo, world)}/pulls/${pull.number}`;
  const issue = `${repoUrl(repo, world)}/issues/${pull.number}`;
  const page = `${repoPage(repo, world)}/pull/${pull.number}`;
  const statuses = `${repoUrl(repo, world)}/statuses/${pull.headSha}`;
  const links = { self: url, html: page, issue, comments: `${issue}/comments`, commits: `${url}/commits`, statuses };
  const reviewLinks = {
    review_comments: `${url}/comments`,
    review_comment: `${repoUrl(repo, world)}/pulls/comments{/number}`,
  };
  const hrefs = Object.entries({ ...links, ...reviewLinks }).map(([name, href]) => [name, { href }] as const);
  return {
    url,
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: reviewLinks.review_comments,
    review_comment_url: reviewLinks.review_comment,
    comments_url: links.comments,
    statuses_url: statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    active_lock_reason: null,
    title: pull.title,
    user: showUser(pull.user, world),
    body: pull.body,
    // The description of lists knows no label without a text.
    labels: repo.features.issues
      .labelled(pull.number)
      .map((label) => showLabel({ ...label, description: label.description ?? "" }, call)),
    milestone: null,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.requested.map((account) => showUser(account, world)),
    requested_teams: [],
    head: side(call, pull.headRepo, pull.headOwner, pull.headRef, pull.headSha),
    base: side(call, repo, repo.owner, pull.base, pull.baseSha),
    _links: Object.fromEntries(hrefs),
    author_association: association(repo, pull.user),
    auto_merge: null,
    draft: pull.draft,
  };
}

/** An answer about pull requests: that the repository of a deleted fork is null was seen, but the description does not know it. */
export function toldOf(reply: Reply, pulls: readonly FakePull[]): Reply {
  return pulls.some((pull) => pull.headRepo === null) ? { ...reply, isUndescribed: true } : reply;
}

function side(call: Call, repo: FakeRepository | null, owner: FakeAccount, ref: string, sha: string): object {
  const user = showUser(owner, call.world);
  return { label: `${owner.login}:${ref}`, ref, sha, user, repo: repo === null ? null : showRepository(repo, call) };
}

/** What only the answer about one pull request tells. */
export interface PullDetails {
  readonly mergeable: boolean | null;
  readonly mergeableState: string;
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
}

/** A pull request with everything. */
export function showFullPull(pull: FakePull, details: PullDetails, call: Call): Readonly<Record<string, unknown>> {
  return {
    ...showPull(pull, call),
    merged: pull.mergedAt !== null,
    mergeable: details.mergeable,
    rebaseable: details.mergeable,
    mergeable_state: details.mergeableState,
    merged_by: showUserOrNull(pull.mergedBy, call.world),
    comments: call.repo.features.issues.commentsOf(pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: details.commits,
    additions: details.additions,
    deletions: details.deletions,
    changed_files: details.changedFiles,
  };
}
