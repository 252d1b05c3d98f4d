import { ToolError } from "../../kernel/errors.ts";
import type { ArtifactStore, HeldRelease, Location, StoredFile } from "../../ports/artifact-store.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GithubClient } from "./client.ts";
import { orNull } from "./or-null.ts";
import { markOf, openDraft } from "./own-draft.ts";
import { numberOf, releaseApi, type ReleaseApi } from "./release-api.ts";
import { forgeDraft, type ReleaseGround } from "./release-draft.ts";
import { locksReleases, preflight } from "./release-preflight.ts";
import { type ReleaseRow, storedFile } from "./release-rows.ts";
import { untilKnown } from "./until-known.ts";
import { viewer } from "./viewer.ts";

/** Under 2 GiB each. Source: https://docs.github.com/repositories/releasing-projects-on-github/about-releases */
const MAX_FILE_BYTES = 2_147_483_647;
const MAX_FILES = 1000;

/** What the driver stands on. */
export interface GithubStoreGround {
  readonly client: GithubClient;
  readonly clock: Clock;
}

/**
 * Artifacts as assets of GitHub's releases, one release for each of ours. A crash leaves at most a draft with some of its files, which
 * the next run goes on with. Whatever is published is only read, and removed as a whole.
 */
export function githubArtifactStore({ client, clock }: GithubStoreGround): ArtifactStore {
  const api = releaseApi(client);
  const on: ReleaseGround = {
    api,
    clock,
    me: onceDone(() => accountId(client)),
    locks: onceDone(() => locksReleases(api)),
  };
  const drop = (ref: string) => dropRelease(on, ref);
  return {
    driver: "forge_asset",
    maxFileBytes: MAX_FILE_BYTES,
    maxFiles: MAX_FILES,
    staging: null,
    repository: `${client.at.owner}/${client.at.repo}`,
    // The setting is asked along, so that publishing need not wait for it.
    preflight: async (wish) => (await Promise.all([preflight(api, wish), on.locks()]))[0],
    draft: async (wish) => forgeDraft(on, await openDraft(on, wish), wish),
    open: (sha256, location) => open(api, sha256, location),
    stat: (_, location) => stat(api, location),
    remove: async (_, location) => {
      const holder = await holderOf(on, location);
      if (holder !== null) await drop(String(holder.id));
    },
    held: () => held(on),
    drop: ({ ref }) => drop(ref),
    // Nothing is staged: what an upload leaves lies in its draft.
    sweep: async () => 0,
  };
}

function onceDone<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (cause) {
      made = null;
      throw cause;
    }
  };
}

/** Who the token acts for. */
async function accountId(client: GithubClient): Promise<number> {
  const account = await viewer(client);
  if (account !== null) return account.id;
  throw new ToolError("forge.unauthorised", "GitHub does not say which account the token is for", {
    hints: ["Set GITHUB_TOKEN to a token that is valid"],
  });
}

async function* open(api: ReleaseApi, sha256: string, location: Location): AsyncGenerator<Uint8Array> {
  const bytes = await bytesOf(api, location);
  if (bytes === null)
    throw new ToolError("artifact.missing", `The store has no artifact ${sha256}`, { data: { sha256 } });
  try {
    for await (const chunk of bytes) yield chunk;
  } catch (cause) {
    throw new ToolError("forge.unanswered", `The download of ${sha256} broke off`, {
      data: { sha256 },
      hints: ["Run the same command again"],
      cause,
    });
  }
}

/** The bytes of an asset, or of the address that GitHub sends readers on to, which never gets the token. */
async function bytesOf({ client }: ReleaseApi, { asset_id }: Location): Promise<AsyncIterable<Uint8Array> | null> {
  if (asset_id === null) return null;
  const { owner, repo } = client.at;
  const answer = await orNull(() =>
    client.request("GET /repos/{owner}/{repo}/releases/assets/{asset_id}", {
      owner,
      repo,
      asset_id: numberOf(asset_id),
      headers: { accept: "application/octet-stream" },
      request: { redirect: "manual", parseSuccessResponseBody: false },
    }),
  );
  const next = answer?.headers.location;
  if (next !== undefined) return client.fetchElsewhere(next);
  const body: unknown = answer?.data;
  return body instanceof ReadableStream ? body : null;
}

async function stat(api: ReleaseApi, location: Location): Promise<StoredFile | null> {
  const asset = location.asset_id === null ? null : await api.asset(location.asset_id);
  return asset?.state === "uploaded" ? storedFile(asset, location.release_id) : null;
}

/** Finds the release of ours that has an asset; an asset does not say so itself. */
async function holderOf(on: ReleaseGround, { asset_id, release_id }: Location): Promise<ReleaseRow | null> {
  if (asset_id === null) return null;
  for await (const release of on.api.all())
    if (markOf(release) === release_id && release.assets.some(({ id }) => String(id) === asset_id)) return release;
  return null;
}

async function held(on: ReleaseGround): Promise<readonly HeldRelease[]> {
  const me = await on.me();
  const found: HeldRelease[] = [];
  for await (const release of on.api.all()) {
    const id = markOf(release);
    if (id === null || release.author === null || Number(release.author.id) !== me) continue;
    found.push({
      ref: String(release.id),
      id,
      tag: release.tag_name,
      state: release.draft ? "draft" : "published",
      createdAt: release.created_at,
      sizeBytes: release.assets.reduce((sum, { size }) => sum + size, 0),
    });
  }
  return found;
}

async function dropRelease({ api, clock }: ReleaseGround, ref: string): Promise<void> {
  const isGone = async () => ((await api.find(ref)) === null ? true : null);
  await untilKnown(clock, () => api.remove(ref).then(() => true), isGone);
}
