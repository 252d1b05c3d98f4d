import { flagsOf, permissionOf } from "../model/rights.ts";
import type { Role } from "../repository.ts";
import type { Call, FakeAccount, Reply, Routes } from "../route.ts";
import { empty, found, json, notFound, page, refusal, seen } from "./answers.ts";
import { id, param } from "./body.ts";
import { sender } from "./pull-place.ts";
import { showUser } from "./show-user.ts";

/** Accounts, and what they may do in a repository. */
export const users: Routes = {
  "users/get-authenticated": me,
  "users/get-by-username": (call) => json(publicUser(accountOf(call), call)),
  "users/get-by-id": (call) => json(publicUser(found(call.world.accountById(id(call, "account_id"))), call)),
  "orgs/get": organisation,
  "repos/list-collaborators": collaborators,
  "repos/check-collaborator": check,
  "repos/get-collaborator-permission-level": permission,
};

function accountOf(call: Call): FakeAccount {
  return found(call.world.account(param(call, "username")));
}

/** Tokens of installations and workflows are no users. */
function me(call: Call): Reply {
  const { kind, account } = sender(call);
  if (kind !== "user") throw refusal(403, "Resource not accessible by integration");
  const rest = { collaborators: 0, disk_usage: 0, owned_private_repos: 0, private_gists: 0, total_private_repos: 0 };
  return json({ ...publicUser(account, call), user_view_type: "private", ...rest, two_factor_authentication: true });
}

function publicUser(account: FakeAccount, call: Call): Readonly<Record<string, unknown>> {
  return {
    ...showUser(account, call.world),
    name: null,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: "2020-01-01T00:00:00Z",
    updated_at: "2020-01-01T00:00:00Z",
  };
}

function organisation(call: Call): Reply {
  const account = call.world.account(param(call, "org"));
  if (account?.type !== "Organization") throw notFound();
  const shown = publicUser(account, call);
  const url = `${call.world.urls.api}/orgs/${account.login}`;
  const repo = call.world.repositories.find((each) => each.owner === account);
  return json({
    ...Object.fromEntries(ORGANISATION.map((name): [string, unknown] => [name, shown[name]])),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    description: null,
    has_organization_projects: true,
    has_repository_projects: true,
    archived_at: null,
    plan: { name: repo?.features.settings.plan ?? "free", space: 0, private_repos: 0 },
  });
}

const ORGANISATION: readonly string[] =
  "login id node_id avatar_url html_url type public_repos public_gists followers following created_at updated_at".split(
    " ",
  );

/** GitHub's old word for a role: it knows four of them. */
function oldWord(role: Role | "none"): string {
  return role === "maintain" ? "write" : role === "triage" ? "read" : role;
}

function permission(call: Call): Reply {
  const account = accountOf(call);
  const role = permissionOf(call.repo, account);
  return json({ permission: oldWord(role), role_name: role, user: showCollaborator(account, role, call) });
}

function showCollaborator(account: FakeAccount, role: Role | "none", call: Call): Readonly<Record<string, unknown>> {
  return { ...showUser(account, call.world), permissions: flagsOf(role), role_name: role };
}

function collaborators(call: Call): Reply {
  if (
    !flagsOf(call.caller === null ? "none" : permissionOf(call.repo, call.caller.account)).push &&
    call.caller?.kind === "user"
  )
    throw seen(refusal(403, "Must have push access to view repository collaborators."));
  const rows = call.world.accounts.filter(
    (account) => account.type !== "Organization" && call.repo.roleOf(account) !== null,
  );
  return page(call, rows, (account) => showCollaborator(account, permissionOf(call.repo, account), call));
}

function check(call: Call): Reply {
  if (call.repo.roleOf(accountOf(call)) === null) throw notFound();
  return empty();
}
