import type { FakeRun } from "../model/settings.ts";
import type { Call } from "../route.ts";
import { repoPage, repoUrl, showRepository } from "./show-repository.ts";
import { nodeId, showUser } from "./show-user.ts";

/** A workflow run; its head repository is another one where a fork's code ran. */
export function showRun(run: FakeRun, call: Call): Readonly<Record<string, unknown>> {
  const { repo, world } = call;
  const url = `${repoUrl(repo, world)}/actions/runs/${run.id}`;
  const head = world.repositories.find((each) => each.id === run.headRepositoryId) ?? repo;
  const workflow = repo.features.settings.workflowIds.get(run.path) ?? 1;
  return {
    id: run.id,
    name: run.path.split("/").at(-1),
    node_id: nodeId("WFR", run.id),
    check_suite_id: run.id,
    check_suite_node_id: nodeId("CS", run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    display_title: run.path,
    run_number: run.number,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: workflow,
    url,
    html_url: `${repoPage(repo, world)}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: run.createdAt,
    updated_at: run.createdAt,
    run_started_at: run.createdAt,
    actor: showUser(run.actor, world),
    triggering_actor: showUser(run.triggeringActor, world),
    run_attempt: run.attempt,
    referenced_workflows: [],
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repoUrl(repo, world)}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${repoUrl(repo, world)}/actions/workflows/${workflow}`,
    head_commit: null,
    repository: showRepository(repo, call),
    head_repository: showRepository(head, call),
  };
}
