import { type Reason, reason } from "../../kernel/errors.ts";
import type { DraftWish } from "../../ports/artifact-store.ts";
import { statusOf } from "./client.ts";
import type { ReleaseApi } from "./release-api.ts";

/** Tokens of apps and of workflows, of which a repository never says that they may push. Source: semantic-release/github, verify.js */
const INSTALLATION_TOKEN = "ghs_";

/** Finds out before anything is written why a release could not be made: rights of the token, the repository, the tag. */
export async function preflight(
  api: ReleaseApi,
  wish: Pick<DraftWish, "tag" | "target" | "ref">,
): Promise<readonly Reason[]> {
  const [rights, tag] = await Promise.all([rightsProblem(api), tagProblem(api, wish)]);
  return [...rights, ...tag];
}

async function rightsProblem({ client }: ReleaseApi): Promise<readonly Reason[]> {
  const { owner, repo } = client.at;
  const name = `${owner}/${repo}`;
  if (client.token === null)
    return [reason("forge.unauthorised", `Nobody may publish to ${name} without a token`, {}, "Set GITHUB_TOKEN")];
  const { data } = await client.request("GET /repos/{owner}/{repo}", { owner, repo });
  if (data.archived)
    return [
      reason(
        "forge.forbidden",
        `${name} is archived, so nothing can be published there`,
        { repository: name },
        ARCHIVED,
      ),
    ];
  if (data.permissions?.push === true || client.token.startsWith(INSTALLATION_TOKEN)) return [];
  const hint = "Give the token write access to contents, or let a workflow with permissions contents: write publish";
  return [reason("forge.forbidden", `The token may not write to ${name}`, { repository: name }, hint)];
}

const ARCHIVED = "Ask an administrator to bring it back, or publish to another repository";

/** A tag that is there already must name the commit, and no release but the recorded one may have it. */
async function tagProblem(
  api: ReleaseApi,
  { tag, target, ref }: Pick<DraftWish, "tag" | "target" | "ref">,
): Promise<readonly Reason[]> {
  const commit = await api.tagCommit(tag);
  if (commit === null) return [];
  if (target !== null && commit !== target)
    return [
      reason(
        "dist.release.tag_mismatch",
        `The tag ${tag} names another commit than the one that was built`,
        { tag, expected: target, found: commit },
        "Publish the next version, or build the commit that the tag names",
      ),
    ];
  const release = await api.findPublished(tag);
  if (release === null || String(release.id) === ref) return [];
  const message = `${tag} is the tag of a release that is published already`;
  return [
    reason("dist.release.tag_taken", message, { tag, release_id: String(release.id) }, "Publish the next version"),
  ];
}

/** Whether the repository locks what is published; null where the token may not know, or the server does not know such a thing. */
export async function locksReleases({ client }: ReleaseApi): Promise<boolean | null> {
  const { owner, repo } = client.at;
  try {
    const { data } = await client.request("GET /repos/{owner}/{repo}/immutable-releases", { owner, repo });
    return data.enabled;
  } catch (cause) {
    const status = statusOf(cause);
    if (status === 403 || status === 404) return null;
    throw cause;
  }
}
