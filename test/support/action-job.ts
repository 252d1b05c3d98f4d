import { join } from "node:path";
import { runComposite, type StepRun } from "./composite.ts";
import type { Sandbox } from "./sandbox.ts";

/** A job of a workflow run that uses actions of ours. */
export interface Job {
  /** Runs `uses: ./actions/<name>`; the front door is `.`. */
  use(name: string, inputs?: Readonly<Record<string, string>>): Promise<StepRun>;
}

/** Inputs that every step of a job has, and what its run is. */
export interface JobOptions {
  readonly inputs: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly serverUrl?: string;
  readonly apiUrl?: string;
  /** Commit that the run is of. */
  readonly sha?: string;
  readonly runId?: string;
}

/** Makes a job that works in a sandbox's folder. */
export function jobIn(sandbox: Sandbox, options: JobOptions): Job {
  const github = {
    token: options.token ?? "",
    repository: "acme/notes",
    repository_id: "4711",
    repository_owner: "acme",
    run_id: options.runId ?? "5521",
    run_attempt: "1",
    sha: options.sha ?? "e04b7c8e04b7c8e04b7c8e04b7c8e04b7c8e04b7",
    workflow: "waybill publish",
    workflow_ref: "acme/notes/.github/workflows/waybill-publish.yml@refs/heads/main",
    server_url: options.serverUrl ?? "https://github.com",
    api_url: options.apiUrl ?? "https://api.github.com",
  };
  return {
    use: (name, inputs = {}) =>
      runComposite(name === "." ? "." : join("actions", name), {
        inputs: { ...options.inputs, ...inputs },
        env: sandbox.env,
        github,
        workspace: sandbox.folder,
        temp: join(sandbox.folder, "runner"),
      }),
  };
}
