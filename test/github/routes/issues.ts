import { type FakeComment, type FakeIssue, type FakeLabel, MAX_COMMENT_LENGTH } from "../model/issues.ts";
import { record } from "../model/pull-life.ts";
import { mayPush } from "../model/rights.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { empty, forbidden, found, invalid, json, notFound, page, refusal } from "./answers.ts";
import { fields, id, param, text, texts } from "./body.ts";
import { sender } from "./pull-place.ts";
import { showComment, showEvent, showIssue, showLabel } from "./show-issue.ts";

/** Comments, labels, events and plain issues; pull requests share the numbers. */
export const issues: Routes = {
  "issues/create-comment": createComment,
  "issues/list-comments": (call) =>
    page(call, call.repo.features.issues.commentsOf(number(call)), (row) => showComment(row, call)),
  "issues/get-comment": (call) => json(showComment(commentOf(call), call)),
  "issues/update-comment": updateComment,
  "issues/delete-comment": deleteComment,
  "issues/add-labels": addLabels,
  "issues/set-labels": setLabels,
  "issues/remove-label": removeLabel,
  "issues/list-labels-on-issue": (call) => page(call, labelled(call), (row) => row),
  "issues/create-label": createLabel,
  "issues/get-label": (call) => json(showLabel(found(call.repo.features.issues.label(param(call, "name"))), call)),
  "issues/list-labels-for-repo": (call) => page(call, call.repo.features.issues.labels, (row) => showLabel(row, call)),
  "issues/list-events": (call) =>
    page(call, call.repo.features.issues.eventsOf(number(call)), (row) => showEvent(row, call)),
  "issues/create": create,
  "issues/get": (call) => json(showIssue(issueOf(call), call)),
  "issues/list-for-repo": listIssues,
  "issues/update": update,
};

/** The number of an issue or a pull request that is there. */
export function number(call: Call): number {
  const wanted = id(call, "issue_number");
  const { issues: state, pulls } = call.repo.features;
  if (pulls.get(wanted) === undefined && !state.issues.some((issue) => issue.number === wanted)) throw notFound();
  return wanted;
}

function createComment(call: Call): Reply {
  const body = text(fields(call), "body") ?? "";
  refuseLong(body);
  const at = call.world.timestamp();
  const user = sender(call).account;
  const comment: FakeComment = {
    id: call.world.nextId(),
    issue: number(call),
    body,
    user,
    createdAt: at,
    updatedAt: at,
  };
  call.repo.features.issues.comments.push(comment);
  call.world.emit(call.repo, call.caller, "issue_comment", { action: "created", number: comment.issue });
  return json(showComment(comment, call), 201);
}

function refuseLong(body: string): void {
  if (body === "") throw invalid("IssueComment", "data", "unprocessable", "Body cannot be blank");
  if (body.length <= MAX_COMMENT_LENGTH) return;
  throw invalid(
    "IssueComment",
    "data",
    "unprocessable",
    `Body is too long (maximum is ${MAX_COMMENT_LENGTH} characters)`,
  );
}

function commentOf(call: Call): FakeComment {
  return found(call.repo.features.issues.comments.find((comment) => comment.id === id(call, "comment_id")));
}

/** A comment belongs to its writer; whoever may push may change it as well. */
function ownComment(call: Call): FakeComment {
  const comment = commentOf(call);
  if (comment.user.id !== sender(call).account.id && !mayPush(call)) throw forbidden();
  return comment;
}

function updateComment(call: Call): Reply {
  const body = text(fields(call), "body") ?? "";
  refuseLong(body);
  const comment = Object.assign(ownComment(call), { body, updatedAt: call.world.timestamp() });
  call.world.emit(call.repo, call.caller, "issue_comment", { action: "edited", number: comment.issue });
  return json(showComment(comment, call));
}

function deleteComment(call: Call): Reply {
  const { comments } = call.repo.features.issues;
  comments.splice(comments.indexOf(ownComment(call)), 1);
  return empty();
}

function labelled(call: Call): readonly unknown[] {
  return call.repo.features.issues.labelled(number(call)).map((row) => showLabel(row, call));
}

function addLabels(call: Call): Reply {
  const issue = number(call);
  for (const name of labelNames(call)) label(call, issue, name);
  return json(labelled(call));
}

/** GitHub takes `{labels: […]}` and a bare list. */
function labelNames(call: Call): readonly string[] {
  const list: unknown = Array.isArray(call.body) ? call.body : texts(fields(call), "labels");
  return Array.isArray(list) ? list.filter((name): name is string => typeof name === "string") : [];
}

function label(call: Call, issue: number, name: string): void {
  const state = call.repo.features.issues;
  const names = state.labelsOf.get(issue) ?? [];
  const known = state.label(name) ?? newLabel(call, name, "ededed", null);
  if (names.includes(known.name)) return;
  state.labelsOf.set(issue, [...names, known.name]);
  record(call, issue, "labeled", sender(call).account, { detail: { label: { name: known.name, color: known.color } } });
  tell(call, issue, "labeled");
}

function tell(call: Call, issue: number, action: "labeled" | "unlabeled"): void {
  const name = call.repo.features.pulls.get(issue) === undefined ? "issues" : "pull_request";
  call.world.emit(call.repo, call.caller, name, { action, number: issue });
}

const MAX_LABEL_LENGTH = 50;

function newLabel(call: Call, name: string, color: string, description: string | null): FakeLabel {
  if (name.length > MAX_LABEL_LENGTH)
    throw invalid("Label", "name", "custom", `name is too long (maximum is ${MAX_LABEL_LENGTH} characters)`);
  const made: FakeLabel = { id: call.world.nextId(), name, color, description };
  call.repo.features.issues.labels.push(made);
  return made;
}

function setLabels(call: Call): Reply {
  const issue = number(call);
  const wanted = labelNames(call);
  const lower = new Set(wanted.map((name) => name.toLowerCase()));
  for (const old of call.repo.features.issues.labelled(issue))
    if (!lower.has(old.name.toLowerCase())) unlabel(call, issue, old);
  for (const name of wanted) label(call, issue, name);
  return json(labelled(call));
}

function unlabel(call: Call, issue: number, old: FakeLabel): void {
  const { labelsOf } = call.repo.features.issues;
  labelsOf.set(
    issue,
    (labelsOf.get(issue) ?? []).filter((name) => name !== old.name),
  );
  record(call, issue, "unlabeled", sender(call).account, { detail: { label: { name: old.name, color: old.color } } });
  tell(call, issue, "unlabeled");
}

function removeLabel(call: Call): Reply {
  const issue = number(call);
  const name = param(call, "name").toLowerCase();
  const old = call.repo.features.issues.labelled(issue).find((row) => row.name.toLowerCase() === name);
  if (old === undefined) throw refusal(404, "Label does not exist");
  unlabel(call, issue, old);
  return json(labelled(call));
}

function createLabel(call: Call): Reply {
  const body = fields(call);
  const name = text(body, "name") ?? "";
  if (call.repo.features.issues.label(name) !== undefined) throw invalid("Label", "name", "already_exists");
  const made = newLabel(
    call,
    name,
    (text(body, "color") ?? "ededed").replace(/^#/, ""),
    text(body, "description") ?? null,
  );
  return json(showLabel(made, call), 201);
}

function issueOf(call: Call): FakeIssue {
  return found(call.repo.features.issues.issues.find((issue) => issue.number === id(call, "issue_number")));
}

function create(call: Call): Reply {
  const body = fields(call);
  const at = call.world.timestamp();
  const state = call.repo.features.issues;
  const issue: FakeIssue = {
    number: state.nextNumber(),
    id: call.world.nextId(),
    title: text(body, "title") ?? "",
    body: text(body, "body") ?? null,
    state: "open",
    user: sender(call).account,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
  };
  state.issues.push(issue);
  for (const name of texts(body, "labels")) label(call, issue.number, name);
  return json(showIssue(issue, call), 201);
}

function listIssues(call: Call): Reply {
  const state = call.query.get("state") ?? "open";
  const labels = (call.query.get("labels") ?? "").split(",").filter((name) => name !== "");
  const { issues: all } = call.repo.features;
  const has = (issue: FakeIssue): boolean =>
    labels.every((name) => all.labelled(issue.number).some((row) => row.name.toLowerCase() === name.toLowerCase()));
  const rows = all.issues.filter((issue) => (state === "all" || issue.state === state) && has(issue));
  return page(call, rows.toReversed(), (issue) => showIssue(issue, call));
}

function update(call: Call): Reply {
  const body = fields(call);
  const issue = issueOf(call);
  const state = text(body, "state") === "closed" ? "closed" : text(body, "state") === "open" ? "open" : issue.state;
  const at = call.world.timestamp();
  if (state !== issue.state)
    record(call, issue.number, state === "closed" ? "closed" : "reopened", sender(call).account);
  const closedAt = state === "closed" ? (issue.closedAt ?? at) : null;
  Object.assign(issue, {
    title: text(body, "title") ?? issue.title,
    body: text(body, "body") ?? issue.body,
    state,
    closedAt,
    updatedAt: at,
  });
  return json(showIssue(issue, call));
}
