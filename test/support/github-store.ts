import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../src/ports/clock.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { type GithubClient, githubClient } from "../../src/platform/github/client.ts";
import { openForgeStore } from "../../src/platform/github/git/forge-store.ts";
import type { FakeRepository } from "../github/repository.ts";
import type { Caller } from "../github/route.ts";
import { type FakeGithub, startGithub } from "../github/server.ts";
import { git } from "./git-repo.ts";
import { overwrite, putObject } from "./native-under-test.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

/** A store at the stand-in for GitHub, and what stands behind it. */
export interface GithubStore extends StoreUnderTest {
  readonly github: FakeGithub;
  readonly repository: FakeRepository;
  readonly client: GithubClient;
  /** Another store with a token of its own. */
  as(permissions: Caller["permissions"], clock?: Clock): { readonly store: GitStore; readonly client: GithubClient };
  /** What was asked since the last call, by the names of operations. */
  asked(): readonly (string | null)[];
}

const WRITER: Caller["permissions"] = { contents: "write", metadata: "read" };

/** Makes a store at a stand-in that has one repository with one commit. */
export async function makeGithubStore(clock: Clock = systemClock): Promise<GithubStore> {
  const github = await startGithub({ clock: () => clock.now() });
  const owner = github.addAccount("acme", "Organization");
  const repository = await github.addRepository({ owner, name: "notes", private: true });
  const who = "Ada <ada@example.invalid> 1760000000 +0000";
  const tree = putObject(repository.path, "tree", new Uint8Array());
  const content = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nFirst\n`;
  const first = putObject(repository.path, "commit", Buffer.from(content));
  git(repository.path, ["update-ref", "refs/heads/main", first]);
  const bot = github.addAccount("github-actions[bot]", "Bot");
  const as: GithubStore["as"] = (permissions, its = clock) => {
    const token = github.token(bot, "workflow", permissions, [repository]);
    const at = { owner: "acme", repo: "notes", apiUrl: github.apiUrl, serverUrl: github.serverUrl };
    const client = githubClient({ at, token, clock: its });
    return { client, store: openForgeStore({ client, clock: its, random: Math.random, freshMs: 0 }) };
  };
  const made = as(WRITER);
  let seen = 0;
  return {
    algorithm: "sha1",
    isDatedByForge: true,
    github,
    repository,
    as,
    ...made,
    asked() {
      const sent = github.world.requests.slice(seen).map(({ operation }) => operation);
      seen = github.world.requests.length;
      return sent;
    },
    another: async () => as(WRITER).store,
    put: async (kind, bytes) => putObject(repository.path, kind, bytes),
    setBranch: async (branch, tip) => void git(repository.path, ["update-ref", `refs/heads/${branch}`, tip]),
    damage: async (oid) => overwrite(repository.path, oid),
    async hold(branch) {
      const lock = join(repository.path, `refs/heads/${branch}.lock`);
      writeFileSync(lock, "");
      return async () => rmSync(lock);
    },
    async close() {
      await made.store.close();
      await github.stop();
    },
  };
}
