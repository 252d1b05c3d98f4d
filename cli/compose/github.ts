import { ToolError } from "../../src/kernel/errors.ts";
import { isOneLine, printable } from "../../src/kernel/text.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { GithubClient } from "../../src/platform/github/client.ts";
import { isLoopback } from "../../src/platform/github/hosts.ts";
import type { Log } from "../../src/ports/log.ts";
import type { GithubPlace, RepositoryAt } from "../world.ts";

const PUBLIC = "https://github.com";

/** The repository `owner/repo` on the GitHub that the environment names: github.com, or the one that this workflow runs on. */
export function githubNamed(owner: string, repo: string, env: ReadonlyMap<string, string>): GithubPlace {
  const serverUrl = addressIn(env, ["WAYBILL_GITHUB_SERVER_URL", "GITHUB_SERVER_URL"]) ?? PUBLIC;
  const apiUrl = addressIn(env, ["WAYBILL_GITHUB_API_URL", "GITHUB_API_URL"]) ?? apiOf(serverUrl);
  return { owner, repo, serverUrl, apiUrl };
}

/** The repository that the address of a git remote names, where it is on that GitHub; null elsewhere. */
export function githubBehind(url: string, env: ReadonlyMap<string, string>): GithubPlace | null {
  const parsed = /^(?:https?:\/\/|ssh:\/\/|git:\/\/)?(?:[^/@]*@)?([^/]+?)[/:]([\w-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(
    url,
  );
  const [, host, owner, repo] = parsed ?? [];
  if (host === undefined || owner === undefined || repo === undefined) return null;
  const at = githubNamed(owner, repo, env);
  return host === new URL(at.serverUrl).host ? at : null;
}

/** The token that a workflow, or `gh auth token`, gives; null where there is none. */
export function githubToken(env: ReadonlyMap<string, string>): string | null {
  const given = [env.get("GITHUB_TOKEN"), env.get("GH_TOKEN")].find((token) => token !== undefined && token !== "");
  return given ?? null;
}

/** Opens GitHub's API for a repository that is there; null for any other. Loaded only then, because octokit is large. */
export async function clientOf(
  { github }: RepositoryAt,
  env: ReadonlyMap<string, string>,
  log: Log,
): Promise<GithubClient | null> {
  if (github === null) return null;
  const { githubClient } = await import("../../src/platform/github/client.ts");
  const onWait = (ms: number, why: string) => log.note(`${why}: waiting ${Math.ceil(ms / 1000)} s for GitHub`);
  return githubClient({ at: github, token: githubToken(env), clock: systemClock, onWait });
}

/** GitHub's own servers keep the API on a host beside the pages; a server of one's own below them. */
function apiOf(serverUrl: string): string {
  const { host } = new URL(serverUrl);
  return serverUrl === PUBLIC || host.endsWith(".ghe.com") ? `https://api.${host}` : `${serverUrl}/api/v3`;
}

/** Reads an address from the first variable that is set. Throws `usage.invalid_argument` for one that is none. */
function addressIn(env: ReadonlyMap<string, string>, names: readonly string[]): string | null {
  const name = names.find((one) => (env.get(one) ?? "") !== "");
  const value = name === undefined ? undefined : env.get(name);
  if (name === undefined || value === undefined) return null;
  const url = isOneLine(value) && URL.canParse(value) ? new URL(value) : null;
  if (url === null || !isSafe(url)) {
    throw new ToolError("usage.invalid_argument", `${name} is no https address: ${printable(value)}`, {
      hints: [`Set ${name} to an address as https://api.github.com`],
    });
  }
  return url.href.replace(/\/+$/, "");
}

/** A token travels over https, or stays on this machine. */
function isSafe(url: URL): boolean {
  if (url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}
