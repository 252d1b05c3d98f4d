import type { Account } from "../../ports/forge.ts";
import type {
  ForgeRepository,
  ForgeSettings,
  InstalledWorkflow,
  PagesSettings,
  Said,
} from "../../ports/forge-settings.ts";
import { type GithubClient, statusOf } from "./client.ts";
import { accountOf } from "./forge-at.ts";
import { forgeError } from "./forge-error.ts";
import { orNull } from "./or-null.ts";
import { readFile } from "./read-file.ts";
import { branchRules } from "./settings/rules.ts";
import { applyRuleset, compareRuleset } from "./settings/rulesets.ts";
import { hidden, said } from "./settings/said.ts";

const MAX_FILE_BYTES = 262_144;
const WORKFLOWS = ".github/workflows";

/** Settings of a GitHub repository; nothing is sent before something is asked. */
export function githubSettings(client: GithubClient): ForgeSettings {
  const { owner, repo, serverUrl } = client.at;
  const at = { owner, repo };
  const repository = () => repositoryOf(client);
  return {
    kind: "github",
    name: `${owner}/${repo}`,
    url: `${serverUrl}/${owner}/${repo}`,
    repository,
    rules: (branch) => branchRules(client, branch),
    hasBranch: (branch) =>
      isThere(() => client.request("GET /repos/{owner}/{repo}/branches/{branch}", { ...at, branch })),
    tags: async (prefix) => {
      const path = "GET /repos/{owner}/{repo}/git/matching-refs/{ref}";
      const { data } = await client.request(path, { ...at, ref: `tags/${prefix}` });
      return data.map(({ ref }) => ref.slice("refs/tags/".length));
    },
    workflowSettings: () =>
      said("the settings of its workflows", async () => {
        const [{ data }, permissions] = await Promise.all([
          client.request("GET /repos/{owner}/{repo}/actions/permissions/workflow", at),
          client.request("GET /repos/{owner}/{repo}/actions/permissions", at),
        ]);
        return {
          areEnabled: permissions.data.enabled,
          mayOpenAndApprove: data.can_approve_pull_request_reviews,
          defaultToken: data.default_workflow_permissions,
        };
      }),
    immutableReleases: () =>
      said(
        "whether its releases are immutable",
        async () => {
          const { data } = await client.request("GET /repos/{owner}/{repo}/immutable-releases", at);
          return !data.enabled ? "off" : data.enforced_by_owner ? "enforced" : "on";
        },
        // GitHub answers 404 where the setting is off, and to whom it does not tell.
        async () => {
          const isAdmin = (await repository()).token?.admin === true;
          return isAdmin ? { said: "off" } : hidden("whether its releases are immutable");
        },
      ),
    codeOwnersErrors: (branch) => codeOwnersErrors(client, branch),
    workflows: () => workflowsOf(client),
    file: (path) => readFile(client, path, MAX_FILE_BYTES),
    pages: () => pagesOf(client, repository),
    refusedPermissions: () => refusedPermissions(client),
    account: (login) => accountNamed(client, login),
    now: async () => {
      await repository();
      const now = client.now();
      if (now === null) throw forgeError("forge.unanswered", "GitHub did not say what time it is");
      return now;
    },
    compare: (wanted) => compareRuleset(client, wanted),
    apply: (wanted) => applyRuleset(client, wanted),
  };
}

async function repositoryOf({ request, at: { owner, repo } }: GithubClient): Promise<ForgeRepository> {
  const { data, headers } = await request("GET /repos/{owner}/{repo}", { owner, repo });
  const scopes = headers["x-oauth-scopes"];
  return {
    id: Number(data.id),
    name: data.full_name,
    visibility: visibilityOf(data),
    isFork: data.fork,
    isArchived: data.archived,
    hasPages: data.has_pages,
    allowsMergeCommits: data.allow_merge_commit ?? null,
    token: data.permissions === undefined ? null : { admin: data.permissions.admin, push: data.permissions.push },
    // Tokens of Apps for users have an empty list, which says nothing.
    scopes: scopes ? scopes.split(",").map((scope) => scope.trim()) : null,
  };
}

function visibilityOf(data: { readonly visibility?: string; readonly private: boolean }) {
  if (data.visibility === "internal") return "internal";
  return data.private ? "private" : "public";
}

async function codeOwnersErrors(
  { request, at: { owner, repo } }: GithubClient,
  branch: string,
): Promise<Said<readonly string[] | null>> {
  return said<readonly string[] | null>(
    "the errors of its CODEOWNERS",
    async () => {
      const { data } = await request("GET /repos/{owner}/{repo}/codeowners/errors", { owner, repo, ref: branch });
      return data.errors.map(({ line, kind, suggestion, source }) => {
        const about = source === undefined ? "" : ` in "${source}"`;
        return `${kind} in line ${line}${about}${suggestion ? `: ${suggestion}` : ""}`;
      });
    },
    () => ({ said: null }),
  );
}

async function workflowsOf(client: GithubClient): Promise<Said<readonly InstalledWorkflow[]>> {
  const { owner, repo } = client.at;
  const files = await said<readonly { readonly path: string }[]>(
    "its workflows",
    async () => {
      const path = "GET /repos/{owner}/{repo}/contents/{path}";
      const { data } = await client.request(path, { owner, repo, path: WORKFLOWS });
      return Array.isArray(data) ? data : [];
    },
    () => ({ said: [] }),
  );
  if (!("said" in files)) return files;
  const states = await said("the state of its workflows", () =>
    client.paginate("GET /repos/{owner}/{repo}/actions/workflows", { owner, repo, per_page: 100 }),
  );
  const stateOf = new Map("said" in states ? states.said.map(({ path, state }) => [path, state]) : []);
  return { said: files.said.map(({ path }) => ({ path, state: stateOf.get(path) ?? null })) };
}

async function pagesOf(
  { request, at: { owner, repo } }: GithubClient,
  repository: () => Promise<ForgeRepository>,
): Promise<Said<PagesSettings | null>> {
  return said<PagesSettings | null>(
    "the settings of its pages",
    async () => {
      const { data } = await request("GET /repos/{owner}/{repo}/pages", { owner, repo });
      return {
        url: data.html_url ?? null,
        domain: data.cname,
        isHttpsEnforced: data.https_enforced === true,
        domainState: data.protected_domain_state ?? null,
        certificate: data.https_certificate?.state ?? null,
      };
    },
    async () => ((await repository()).hasPages ? hidden("the settings of its pages") : { said: null }),
  );
}

/** Reads one thing of each kind that Waybill reads; only a plain "not permitted" counts. */
async function refusedPermissions({ request, at: { owner, repo } }: GithubClient): Promise<readonly string[]> {
  const one = { owner, repo, per_page: 1 };
  const reads: readonly (readonly [permission: string, read: () => Promise<unknown>])[] = [
    ["contents", () => request("GET /repos/{owner}/{repo}/branches", one)],
    ["pull_requests", () => request("GET /repos/{owner}/{repo}/pulls", one)],
    ["statuses", () => request("GET /repos/{owner}/{repo}/commits/{ref}/statuses", { ...one, ref: "HEAD" })],
    ["actions", () => request("GET /repos/{owner}/{repo}/actions/workflows", one)],
  ];
  const none = () => ({ said: undefined });
  const answers = await Promise.all(reads.map(([permission, read]) => said(permission, read, none)));
  return reads.flatMap(([permission], i) => (answers[i] !== undefined && "unsaid" in answers[i] ? [permission] : []));
}

async function accountNamed({ request, token }: GithubClient, login: string | null): Promise<Account | null> {
  if (login !== null) {
    const found = await orNull(() => request("GET /users/{username}", { username: login }));
    return found?.data.type === "Organization" ? null : accountOf(found?.data);
  }
  if (token === null) return null;
  try {
    return accountOf((await request("GET /user")).data);
  } catch (cause) {
    // A workflow or app token has no user.
    if (statusOf(cause) === 403) return null;
    throw cause;
  }
}

async function isThere(ask: () => Promise<object>): Promise<boolean> {
  return (await orNull(ask)) !== null;
}
