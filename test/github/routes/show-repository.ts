import type { FakeRepository } from "../repository.ts";
import type { Call } from "../route.ts";
import type { FakeWorld } from "../world.ts";
import { callerRole, flagsOf } from "../model/rights.ts";
import { nodeId, showUser } from "./show-user.ts";

/** Addresses that GitHub gives with each repository, as name and template below its API address. */
const LINKS: Readonly<Record<string, string>> = {
  archive_url: "{archive_format}{/ref}",
  assignees_url: "assignees{/user}",
  blobs_url: "git/blobs{/sha}",
  branches_url: "branches{/branch}",
  collaborators_url: "collaborators{/collaborator}",
  comments_url: "comments{/number}",
  commits_url: "commits{/sha}",
  compare_url: "compare/{base}...{head}",
  contents_url: "contents/{+path}",
  contributors_url: "contributors",
  deployments_url: "deployments",
  downloads_url: "downloads",
  events_url: "events",
  forks_url: "forks",
  git_commits_url: "git/commits{/sha}",
  git_refs_url: "git/refs{/sha}",
  git_tags_url: "git/tags{/sha}",
  hooks_url: "hooks",
  issue_comment_url: "issues/comments{/number}",
  issue_events_url: "issues/events{/number}",
  issues_url: "issues{/number}",
  keys_url: "keys{/key_id}",
  labels_url: "labels{/name}",
  languages_url: "languages",
  merges_url: "merges",
  milestones_url: "milestones{/number}",
  notifications_url: "notifications{?since,all,participating}",
  pulls_url: "pulls{/number}",
  releases_url: "releases{/id}",
  stargazers_url: "stargazers",
  statuses_url: "statuses/{sha}",
  subscribers_url: "subscribers",
  subscription_url: "subscription",
  tags_url: "tags",
  teams_url: "teams",
  trees_url: "git/trees{/sha}",
};

/** API address of a repository. */
export function repoUrl(repo: FakeRepository, world: FakeWorld): string {
  return `${world.urls.api}/repos/${repo.owner.login}/${repo.name}`;
}

/** Address of a repository for people. */
export function repoPage(repo: FakeRepository, world: FakeWorld): string {
  return `${world.urls.server}/${repo.owner.login}/${repo.name}`;
}

/** A repository in its short form, with what its caller may do. */
export function showRepository(repo: FakeRepository, call: Call): Readonly<Record<string, unknown>> {
  const url = repoUrl(repo, call.world);
  const page = repoPage(repo, call.world);
  const links = Object.entries(LINKS).map(([name, rest]): [string, string] => [name, `${url}/${rest}`]);
  return {
    id: repo.id,
    node_id: nodeId("R", repo.id),
    name: repo.name,
    full_name: `${repo.owner.login}/${repo.name}`,
    owner: showUser(repo.owner, call.world),
    private: repo.private,
    visibility: repo.private ? "private" : "public",
    html_url: page,
    description: repo.features.settings.description,
    fork: repo.parent !== null,
    url,
    ...Object.fromEntries(links),
    git_url: `${page}.git`,
    ssh_url: `git@github.invalid:${repo.owner.login}/${repo.name}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: "",
    language: null,
    license: null,
    default_branch: repo.defaultBranch,
    permissions: flagsOf(callerRole(repo, call.caller)),
    archived: false,
    disabled: false,
    created_at: repo.createdAt,
    updated_at: repo.createdAt,
    pushed_at: repo.createdAt,
    ...COUNTS,
    has_pages: repo.features.settings.pages !== null,
    has_issues: true,
  };
}

const COUNTS = {
  forks: 0,
  forks_count: 0,
  stargazers_count: 0,
  watchers: 0,
  watchers_count: 0,
  open_issues: 0,
  open_issues_count: 0,
  size: 0,
  has_projects: true,
  has_wiki: true,
  has_downloads: true,
  has_discussions: false,
  topics: [],
};

/** A repository as `GET /repos/{owner}/{repo}` shows it. */
export function showFullRepository(repo: FakeRepository, call: Call): Readonly<Record<string, unknown>> {
  const { mergeMethods, deleteBranchOnMerge } = repo.features.settings;
  const owner = repo.owner.type === "Organization" ? { organization: showUser(repo.owner, call.world) } : {};
  const parent =
    repo.parent === null
      ? {}
      : { parent: showRepository(repo.parent, call), source: showRepository(repo.parent, call) };
  return {
    ...showRepository(repo, call),
    ...owner,
    ...parent,
    network_count: 0,
    subscribers_count: 0,
    allow_merge_commit: mergeMethods.merge,
    allow_squash_merge: mergeMethods.squash,
    allow_rebase_merge: mergeMethods.rebase,
    allow_auto_merge: false,
    delete_branch_on_merge: deleteBranchOnMerge,
  };
}
