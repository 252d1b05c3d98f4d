import type { FakeComment, FakeIssue, FakeIssueEvent, FakeLabel } from "../model/issues.ts";
import { association } from "../model/rights.ts";
import type { Call } from "../route.ts";
import { repoPage, repoUrl } from "./show-repository.ts";
import { nodeId, showUser, showUserOrNull } from "./show-user.ts";

/** A label of the repository. */
export function showLabel(label: FakeLabel, call: Call): Readonly<Record<string, unknown>> {
  return {
    id: label.id,
    node_id: nodeId("LA", label.id),
    url: `${repoUrl(call.repo, call.world)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  };
}

/** A comment of a conversation. */
export function showComment(comment: FakeComment, call: Call): Readonly<Record<string, unknown>> {
  const url = repoUrl(call.repo, call.world);
  return {
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    url: `${url}/issues/comments/${comment.id}`,
    html_url: `${repoPage(call.repo, call.world)}/issues/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${url}/issues/${comment.issue}`,
    body: comment.body,
    user: showUserOrNull(comment.user, call.world),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(call.repo, comment.user),
    performed_via_github_app: null,
  };
}

/** What happened to an issue. */
export function showEvent(event: FakeIssueEvent, call: Call): Readonly<Record<string, unknown>> {
  const url = repoUrl(call.repo, call.world);
  const commit = event.commitId ?? null;
  return {
    id: event.id,
    node_id: nodeId("EV", event.id),
    url: `${url}/issues/events/${event.id}`,
    actor: showUserOrNull(event.actor, call.world),
    event: event.event,
    commit_id: commit,
    commit_url: commit === null ? null : `${url}/commits/${commit}`,
    created_at: event.createdAt,
    performed_via_github_app: null,
    ...event.detail,
  };
}

/** An issue that is no pull request. */
export function showIssue(issue: FakeIssue, call: Call): Readonly<Record<string, unknown>> {
  const repository = repoUrl(call.repo, call.world);
  const url = `${repository}/issues/${issue.number}`;
  return {
    id: issue.id,
    node_id: nodeId("I", issue.id),
    url,
    repository_url: repository,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${repoPage(call.repo, call.world)}/issues/${issue.number}`,
    number: issue.number,
    state: issue.state,
    state_reason: issue.state === "closed" ? "completed" : null,
    title: issue.title,
    body: issue.body,
    user: showUser(issue.user, call.world),
    labels: call.repo.features.issues.labelled(issue.number).map((label) => showLabel(label, call)),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: call.repo.features.issues.commentsOf(issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(call.repo, issue.user),
  };
}
