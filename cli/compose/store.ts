import { ToolError } from "../../src/kernel/errors.ts";
import { printable } from "../../src/kernel/text.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import type { Log } from "../../src/ports/log.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import type { GithubClient } from "../../src/platform/github/client.ts";
import { STATE } from "../../src/state/branches.ts";
import type { AnyCommand, Args } from "../command.ts";
import type { GithubPlace, RepositoryAt, World } from "../world.ts";
import { repositoryFound } from "./local-git.ts";
import { basicOf } from "./secrets.ts";

/** How a store is opened. */
export interface StoreSettings {
  readonly env: ReadonlyMap<string, string>;
  /** Holds the mirrors of addresses. */
  readonly cache: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly offline: boolean;
  readonly driver: Driver;
  /** The remote of the clone that is to hold the branches, whether it has them yet or not. */
  readonly remote?: string;
  /** GitHub's API; null where the repository is elsewhere. */
  readonly client: GithubClient | null;
}

/** How branches are reached: by git itself, through the API of the forge that has them, or by our own code where there is no git. */
export type Driver = "native" | "forge" | "portable";

const WORDS: Readonly<Record<Driver, string>> = {
  native: "git",
  forge: "the API of the forge, no clone",
  portable: "no git, files and https alone",
};

/** Parts of the world that read all documents or all history, for which fetching once beats asking for each. */
const WHOLE: readonly (keyof World)[] = ["openSnapshot", "snapshotGround"];

/**
 * Chooses the driver: `--driver`, else the forge's API where no clone is at hand and the command does not read everything, else git
 * where there is one.
 * Throws `usage.invalid_argument` for a driver that this repository does not have.
 */
export function driverOf(
  repository: RepositoryAt,
  { needs }: Pick<AnyCommand, "needs">,
  { args, token, hasGit }: { readonly args: Args; readonly token: string | null; readonly hasGit: boolean },
): Driver {
  const forced = args["driver"];
  const canForge = repository.github !== null && token !== null;
  if (forced === "native" || forced === "portable") return forced;
  if (forced === "forge" && canForge) return forced;
  if (forced !== undefined) {
    throw new ToolError("usage.invalid_argument", `--driver ${printable(String(forced))} cannot be used here`, {
      hints: ["native goes through git, portable needs none; forge needs --server owner/repo and GITHUB_TOKEN"],
    });
  }
  const isAtHand = repository.gitDir !== null;
  const isBest = canForge && !isAtHand && args["offline"] !== true && !needs.some((need) => WHOLE.includes(need));
  if (isBest) return "forge";
  return hasGit ? "native" : "portable";
}

/** Opens the branches of a repository by the driver that was chosen. */
export async function openStore(repository: RepositoryAt, settings: StoreSettings): Promise<GitStore> {
  const { driver, client, log, clock } = settings;
  log.detail(`driver ${driver}: ${WORDS[driver]}`);
  if (driver === "forge" && client !== null) {
    const { openForgeStore } = await import("../../src/platform/github/git/forge-store.ts");
    return openForgeStore({ client, clock, random: Math.random });
  }
  const place = gitPlace(repository, client);
  const found = repositoryFound(settings.env, place.location);
  if (driver !== "portable") return openNativeStore({ ...settings, ...place, ...(found && { repository: found }) });
  const { openPortableStore } = await import("../../src/platform/portable/portable-store.ts");
  // In a clone git asks its own helpers for credentials; without git there is only the token.
  return openPortableStore({ ...settings, location: place.location, settings: tokenHeader(repository, client) });
}

/** Where git finds the branches, and the settings that say who asks. */
export function gitPlace({ github, gitDir, location }: RepositoryAt, client: GithubClient | null): GitPlace {
  if (github === null || gitDir !== null) return { location, settings: [] };
  return {
    location: `${github.serverUrl}/${github.owner}/${github.repo}.git`,
    settings: tokenHeader({ github }, client),
  };
}

function tokenHeader({ github }: Pick<RepositoryAt, "github">, client: GithubClient | null): GitPlace["settings"] {
  const token = client?.token ?? null;
  return github === null || token === null ? [] : authorization(github, token);
}

/** A path or an address for git. */
export interface GitPlace {
  readonly location: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

/**
 * Says who asks in a header, as actions/checkout does; the empty value first drops headers that are set elsewhere. Git sends such a
 * header to whatever address it was redirected to, so no redirect is followed.
 */
function authorization({ serverUrl }: GithubPlace, token: string): readonly (readonly [string, string])[] {
  const name = `http.${serverUrl}/.extraHeader`;
  return [
    [name, ""],
    [name, `Authorization: Basic ${basicOf(token)}`],
    [`http.${serverUrl}/.followRedirects`, "false"],
  ];
}

/** A store in memory where there are no branches yet, so that the first ones can be made without leaving a trace; else null. */
export async function planningStore(repository: RepositoryAt, settings: StoreSettings): Promise<GitStore | null> {
  const memory = async () => {
    const { createMemoryGitStore } = await import("../../src/platform/memory/git-store.ts");
    return createMemoryGitStore({ clock: settings.clock, location: repository.location });
  };
  if (repository.made) return memory();
  const store = await openStore(repository, settings);
  try {
    return (await store.head(STATE)) === null ? memory() : null;
  } finally {
    await store.close();
  }
}
