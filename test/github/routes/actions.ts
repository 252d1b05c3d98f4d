import { parse } from "yaml";
import type { FakeRun } from "../model/settings.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { countedPage, empty, found, json, refusedText, seen } from "./answers.ts";
import { type Fields, fields, flag, id, isFields, param, text } from "./body.ts";
import { sender } from "./pull-place.ts";
import { showRun } from "./show-run.ts";
import { repoPage, repoUrl } from "./show-repository.ts";
import { nodeId } from "./show-user.ts";

/** Workflows, their runs, and the two dispatches, which start runs whoever sends them. */
export const actions: Routes = {
  "actions/list-repo-workflows": async (call) => {
    const paths = await workflowPaths(call, call.repo.defaultBranch);
    return countedPage(call, "workflows", paths, (path) => showWorkflow(call, path));
  },
  "actions/get-workflow": async (call) => json(showWorkflow(call, await workflowPath(call))),
  "actions/create-workflow-dispatch": dispatchWorkflow,
  "repos/create-dispatch-event": dispatchEvent,
  "actions/list-workflow-runs": async (call) => {
    const path = await workflowPath(call);
    return runs(call, (run) => run.path === path);
  },
  "actions/get-workflow-run": (call) => json(showRun(found(attempts(call).at(-1)), call)),
  "actions/get-workflow-run-attempt": (call) =>
    json(showRun(found(attempts(call).find((run) => run.attempt === id(call, "attempt_number"))), call)),
};

async function workflowPaths(call: Call, branch: string): Promise<readonly string[]> {
  const tree = await call.repo.object(`refs/heads/${branch}:.github/workflows`);
  if (tree === null) return [];
  const names = (await call.repo.tree(tree.oid)).map((entry) => entry.name);
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => `.github/workflows/${name}`);
}

/** The number of a workflow file, which stays. */
function workflowId(call: Call, path: string): number {
  const { workflowIds } = call.repo.features.settings;
  const known = workflowIds.get(path) ?? call.world.nextId();
  workflowIds.set(path, known);
  return known;
}

/** The workflow that a number or a file name names. */
async function workflowPath(call: Call): Promise<string> {
  const wanted = param(call, "workflow_id");
  const paths = await workflowPaths(call, call.repo.defaultBranch);
  return found(paths.find((path) => path.endsWith(`/${wanted}`) || String(workflowId(call, path)) === wanted));
}

function showWorkflow(call: Call, path: string): Readonly<Record<string, unknown>> {
  const number = workflowId(call, path);
  const url = `${repoUrl(call.repo, call.world)}/actions/workflows/${number}`;
  return {
    id: number,
    node_id: nodeId("W", number),
    name: path.split("/").at(-1),
    path,
    state: call.repo.features.settings.disabledWorkflows.has(path) ? "disabled_manually" : "active",
    created_at: call.repo.createdAt,
    updated_at: call.repo.createdAt,
    url,
    html_url: `${repoPage(call.repo, call.world)}/blob/${call.repo.defaultBranch}/${path}`,
    badge_url: `${repoPage(call.repo, call.world)}/actions/${path}/badge.svg`,
  };
}

async function dispatchWorkflow(call: Call): Promise<Reply> {
  const body = fields(call);
  const path = await workflowPath(call);
  const ref = (text(body, "ref") ?? "").replace(/^refs\/heads\//, "");
  const sha = await call.repo.commitOf(`refs/heads/${ref}`);
  if (sha === null) throw seen(refusedText(`No ref found for: ${ref}`));
  if (call.repo.features.settings.disabledWorkflows.has(path))
    throw seen(refusedText("Cannot trigger a 'workflow_dispatch' on a disabled workflow"));
  const declared = await declaredInputs(call, sha, path);
  const inputs = isFields(body["inputs"]) ? body["inputs"] : {};
  refuseInputs(declared, inputs);
  const run = recordRun(call, path, ref, sha);
  call.world.emit(call.repo, call.caller, "workflow_dispatch", {
    workflow: path,
    ref: `refs/heads/${ref}`,
    inputs,
    run: run.id,
  });
  if (flag(body, "return_run_details") !== true) return empty();
  const url = `${repoUrl(call.repo, call.world)}/actions/runs/${run.id}`;
  return json({
    workflow_run_id: run.id,
    run_url: url,
    html_url: `${repoPage(call.repo, call.world)}/actions/runs/${run.id}`,
  });
}

/** Inputs that the workflow declares at that commit; GitHub reads the file of the ref that is dispatched. */
async function declaredInputs(call: Call, sha: string, path: string): Promise<Fields> {
  const file = await call.repo.object(`${sha}:${path}`);
  const workflow: unknown = file === null ? null : parse(file.bytes.toString("utf8"));
  const on = isFields(workflow) ? workflow["on"] : undefined;
  const names: readonly unknown[] = isFields(on) ? Object.keys(on) : Array.isArray(on) ? on : [on];
  if (!names.includes("workflow_dispatch"))
    throw seen(refusedText("Workflow does not have 'workflow_dispatch' trigger"));
  const dispatch = isFields(on) ? on["workflow_dispatch"] : undefined;
  return isFields(dispatch) && isFields(dispatch["inputs"]) ? dispatch["inputs"] : {};
}

function refuseInputs(declared: Fields, given: Fields): void {
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) throw seen(refusedText(`Unexpected inputs provided: ${JSON.stringify(unknown)}`));
  for (const [name, input] of Object.entries(declared)) {
    const isRequired = isFields(input) && input["required"] === true && input["default"] === undefined;
    if (isRequired && given[name] === undefined) throw seen(refusedText(`Required input '${name}' not provided`));
  }
}

function recordRun(call: Call, path: string, branch: string, sha: string): FakeRun {
  const { runs: all } = call.repo.features.settings;
  const { account } = sender(call);
  const run: FakeRun = {
    id: call.world.nextId(),
    attempt: 1,
    number: all.length + 1,
    actor: account,
    triggeringActor: account,
    event: "workflow_dispatch",
    path,
    headBranch: branch,
    headSha: sha,
    headRepositoryId: call.repo.id,
    status: "queued",
    conclusion: null,
    createdAt: call.world.timestamp(),
  };
  all.push(run);
  return run;
}

function dispatchEvent(call: Call): Reply {
  const body = fields(call);
  const action = text(body, "event_type") ?? "";
  const client_payload = isFields(body["client_payload"]) ? body["client_payload"] : {};
  if (Object.keys(client_payload).length > 10)
    throw refusedText("No more than 10 properties are allowed in client_payload.");
  call.world.emit(call.repo, call.caller, "repository_dispatch", { action, client_payload });
  return empty();
}

function attempts(call: Call): readonly FakeRun[] {
  return call.repo.features.settings.runs.filter((run) => run.id === id(call, "run_id"));
}

function runs(call: Call, fits: (run: FakeRun) => boolean): Reply {
  const has = (name: string, value: string | null): boolean => (call.query.get(name) ?? value) === value;
  const rows = call.repo.features.settings.runs.filter(
    (run) =>
      fits(run) &&
      has("event", run.event) &&
      has("branch", run.headBranch) &&
      has("head_sha", run.headSha) &&
      has("actor", run.actor.login) &&
      (has("status", run.status) || has("status", run.conclusion)),
  );
  return countedPage(call, "workflow_runs", rows.toReversed(), (run) => showRun(run, call));
}
