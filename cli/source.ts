import { isOid } from "../src/kernel/oid.ts";
import { isOneLine } from "../src/kernel/text.ts";
import type { ReleaseSource, RequestedRun } from "../src/schema/types.gen.ts";

/** What a GitHub workflow run says of the code that it built; all null elsewhere. Source: GitHub's default variables. */
export function sourceOf(env: ReadonlyMap<string, string>): ReleaseSource {
  const line = (name: string): string | null => {
    const value = env.get(name);
    return value === undefined || value === "" || !isOneLine(value) ? null : value;
  };
  const [server, repository, commit, run] = [
    line("GITHUB_SERVER_URL"),
    line("GITHUB_REPOSITORY"),
    line("GITHUB_SHA"),
    line("GITHUB_RUN_ID"),
  ];
  const hasRun = server !== null && repository !== null && run !== null;
  return {
    repository,
    commit: commit !== null && isOid(commit) ? commit : null,
    run_url: hasRun ? `${server}/${repository}/actions/runs/${run}` : null,
  };
}

/** The workflow run that asks, where there is one. */
export function runOf(env: ReadonlyMap<string, string>): RequestedRun | null {
  const [id, attempt] = [Number(env.get("GITHUB_RUN_ID")), Number(env.get("GITHUB_RUN_ATTEMPT") ?? 1)];
  return Number.isSafeInteger(id) && id > 0 && Number.isSafeInteger(attempt) && attempt > 0
    ? { run_id: id, attempt }
    : null;
}
