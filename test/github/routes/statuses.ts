import { combinedState, type FakeStatus, type StatusState } from "../model/statuses.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { found, invalid, json, page, refusedText, seen } from "./answers.ts";
import { fields, param, text } from "./body.ts";
import { showRepository, repoUrl } from "./show-repository.ts";
import { showShortStatus, showStatus } from "./show-status.ts";

/** Commit statuses. */
export const statuses: Routes = {
  "repos/create-commit-status": create,
  "repos/list-commit-statuses-for-ref": list,
  "repos/get-combined-status-for-ref": combined,
};

async function create(call: Call): Promise<Reply> {
  const body = fields(call);
  const sha = param(call, "sha");
  if ((await call.repo.commitOf(sha)) === null) throw seen(refusedText(`No commit found for SHA: ${sha}`));
  const state = stateOf(text(body, "state"));
  const status: FakeStatus = {
    id: call.world.nextId(),
    sha,
    state,
    context: text(body, "context") ?? "default",
    description: text(body, "description") ?? null,
    targetUrl: text(body, "target_url") ?? null,
    createdAt: call.world.timestamp(),
    creator: found(call.caller).account,
  };
  const problem = call.repo.features.statuses.problem(sha, status.context, status.description);
  if (problem !== null) throw seen(invalid("Status", problem.field, "custom", problem.message));
  call.repo.features.statuses.add(status);
  call.world.emit(call.repo, call.caller, "status", { sha, state, context: status.context });
  return json(showStatus(status, call), 201);
}

function stateOf(state: string | undefined): StatusState {
  if (state === "error" || state === "failure" || state === "pending" || state === "success") return state;
  throw seen(invalid("Status", "state", "invalid"));
}

async function list(call: Call): Promise<Reply> {
  const sha = await shaOf(call);
  return page(call, call.repo.features.statuses.of(sha), (status) => showStatus(status, call));
}

async function combined(call: Call): Promise<Reply> {
  const sha = await shaOf(call);
  const newest = call.repo.features.statuses.newest(sha);
  const url = `${repoUrl(call.repo, call.world)}/commits/${sha}`;
  return json({
    state: combinedState(newest),
    statuses: newest.map((status) => showShortStatus(status, call)),
    sha,
    total_count: newest.length,
    repository: showRepository(call.repo, call),
    commit_url: url,
    url: `${url}/status`,
  });
}

async function shaOf(call: Call): Promise<string> {
  const ref = param(call, "ref");
  const sha = (await call.repo.commitOf(`refs/heads/${ref}`)) ?? (await call.repo.commitOf(ref));
  return found(sha);
}
