import { exists } from "../model/rights.ts";
import type { FakeAccount } from "../route.ts";
import type { FakeWorld } from "../world.ts";

/** The account that GitHub shows in place of a deleted one. */
const GHOST = { id: 10_137, login: "ghost", type: "User" } as const;

/** An account in the form that lists and fields use; a deleted one shows as ghost. */
export function showUser(wanted: FakeAccount, world: FakeWorld): Readonly<Record<string, unknown>> {
  const account = exists(wanted) ? wanted : GHOST;
  const login = encodeURIComponent(account.login);
  const url = `${world.urls.server}/api/v3/users/${login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("U", account.id),
    avatar_url: `${world.urls.server}/avatars/${account.id}`,
    gravatar_id: "",
    url,
    html_url: `${world.urls.server}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: "public",
    site_admin: false,
  };
}

/** The account that stands in for all that are deleted, where a field must not be null. */
export function showGhost(world: FakeWorld): Readonly<Record<string, unknown>> {
  return showUser(GHOST, world);
}

/** An account where a field may be null, as it is for a deleted one. */
export function showUserOrNull(
  account: FakeAccount | null,
  world: FakeWorld,
): Readonly<Record<string, unknown>> | null {
  return account === null || !exists(account) ? null : showUser(account, world);
}

/** A global node id of GraphQL in GitHub's newer form: a prefix of the type and the number. */
export function nodeId(prefix: string, id: number | string): string {
  return `${prefix}_${Buffer.from(String(id)).toString("base64url")}`;
}
