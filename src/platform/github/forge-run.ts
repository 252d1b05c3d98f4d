import { printable } from "../../kernel/text.ts";
import type { WorkflowRun } from "../../ports/forge.ts";
import { accountOf, type ForgeAt, type Numeric } from "./forge-at.ts";
import { orNull } from "./or-null.ts";

/** Reads one attempt of a workflow run; null where there is none. */
export async function readRun(at: ForgeAt, runId: number, attempt: number): Promise<WorkflowRun | null> {
  const data = await orNull(() => askAttempt(at, runId, attempt));
  if (data === null) return null;
  return {
    id: data.id,
    attempt: data.run_attempt ?? attempt,
    starter: accountOf(data.triggering_actor),
    event: printable(data.event, 100),
    // It may end with `@` and the ref of the file.
    path: printable(data.path.replace(/@.*$/s, ""), 300),
    isDefaultBranch: await isDefaultBranch(at, data),
  };
}

async function askAttempt(at: ForgeAt, runId: number, attempt: number) {
  const route = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}";
  const { data } = await at.client.request(route, { ...at.where, run_id: runId, attempt_number: attempt });
  return data;
}

/** A tag may have the name of the default branch, so the commit is looked for on the branch itself. */
async function isDefaultBranch(
  at: ForgeAt,
  run: {
    readonly head_branch: string | null;
    readonly head_sha: string;
    readonly head_repository?: { readonly id: Numeric } | null | undefined;
  },
): Promise<boolean> {
  const { id, default_branch: branch } = await at.repository();
  if (run.head_repository?.id !== id || run.head_branch !== branch) return false;
  // A commit without a common ancestor answers 404.
  const found = await orNull(() =>
    at.client.request("GET /repos/{owner}/{repo}/compare/{basehead}", {
      ...at.where,
      basehead: `${run.head_sha}...refs/heads/${branch}`,
      per_page: 1,
    }),
  );
  return found?.data.status === "ahead" || found?.data.status === "identical";
}
