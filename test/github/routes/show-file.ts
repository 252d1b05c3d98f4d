import type { FileChange } from "../model/diff.ts";
import type { Call } from "../route.ts";
import { repoPage, repoUrl } from "./show-repository.ts";

/** A changed file of a pull request or a comparison. */
export function showFile(change: FileChange, call: Call, commit: string): Readonly<Record<string, unknown>> {
  const path = change.path.split("/").map(encodeURIComponent).join("/");
  const page = repoPage(call.repo, call.world);
  return {
    sha: change.sha,
    filename: change.path,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${page}/blob/${commit}/${path}`,
    raw_url: `${page}/raw/${commit}/${path}`,
    contents_url: `${repoUrl(call.repo, call.world)}/contents/${path}?ref=${commit}`,
    ...(change.patch === null ? {} : { patch: change.patch }),
    ...(change.previous === null ? {} : { previous_filename: change.previous }),
  };
}
