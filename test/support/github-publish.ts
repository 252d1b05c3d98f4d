import { onTestFinished } from "vitest";
import { githubClient, type GithubClient } from "../../src/platform/github/client.ts";
import { githubArtifactStore } from "../../src/platform/github/release-store.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { FakeRelease } from "../github/model/releases.ts";
import { type Acme, startAcme } from "../github/acme.ts";
import type { GithubOptions } from "../github/server.ts";
import { type PublishWorld, publishWorld } from "./publish-world.ts";
import { clockAt } from "./world.ts";

/** The stand-in with acme/notes; it ends with the test, which fails where something was asked that GitHub does not know. */
export async function acmeForTest(options: GithubOptions = {}): Promise<Acme> {
  const acme = await startAcme(options);
  onTestFinished(() => acme.github.stop());
  return acme;
}

/** A client of the stand-in, with the workflow's token unless a test says another; no wait takes time. */
export function clientOf(acme: Acme, token: string = acme.tokens.workflow, clock: Clock = clockAt()): GithubClient {
  const { apiUrl, serverUrl } = acme.github;
  return githubClient({ at: { owner: "acme", repo: "notes", apiUrl, serverUrl }, token, clock });
}

/** A store of the stand-in, as a process that was just started sees it. */
export function storeOf(acme: Acme, token?: string, clock: Clock = clockAt()): ArtifactStore {
  return githubArtifactStore({ client: clientOf(acme, token, clock), clock });
}

/** What somebody else does while a publish runs, in its windows. */
export interface Meddling {
  readonly beforeUpload?: () => unknown;
  readonly beforeCompare?: () => unknown;
  readonly beforePublish?: () => unknown;
  readonly afterPublish?: () => unknown;
}

/** A store in whose windows somebody else acts. */
export function meddled(
  store: ArtifactStore,
  { beforeUpload, beforeCompare, beforePublish, afterPublish }: Meddling,
): ArtifactStore {
  return {
    ...store,
    async draft(wish) {
      const draft = await store.draft(wish);
      await beforeUpload?.();
      let isCompared = false;
      return {
        ...draft,
        async list() {
          if (!isCompared) await beforeCompare?.();
          isCompared = true;
          return draft.list();
        },
        async publish() {
          await beforePublish?.();
          const done = await draft.publish();
          await afterPublish?.();
          return done;
        },
      };
    },
  };
}

/** A world whose artifacts are assets of the stand-in. */
export interface GithubPublishWorld extends PublishWorld {
  readonly acme: Acme;
  /** Publishes the files as version 1.4.0 in a process of its own, built from the commit of the stand-in. */
  again(more?: object, artifacts?: ArtifactStore): ReturnType<PublishWorld["tryPublish"]>;
  /** The store, as a process that was just started sees it. */
  fresh(token?: string): ArtifactStore;
  releases(): readonly FakeRelease[];
  /** Names of operations that were asked, those of GraphQL too. */
  asked(): readonly string[];
}

const FILES = { "one.bin": "first file", "two.bin": "second file", "three.bin": "third file" };

/** Makes it; branches lie in memory, so every request is one of the release driver. */
export async function githubPublishWorld(
  given: GithubOptions = {},
  files: Readonly<Record<string, string>> = FILES,
): Promise<GithubPublishWorld> {
  const acme = await acmeForTest(given);
  const world = await publishWorld();
  const artifacts = Object.keys(files).map((path) => ({ platform: "linux", path, variant: path.replace(/\W/g, "-") }));
  const fresh = (token?: string) => storeOf(acme, token, world.clock);
  return {
    ...world,
    acme,
    fresh,
    again: (more = {}, store = fresh()) =>
      world.tryPublish(
        world.build({ app: "acme-notes", version: "1.4.0", artifacts, ...more }, files),
        { source: { repository: "acme/notes", commit: acme.code, run_url: null } },
        { artifacts: store },
      ),
    releases: () => acme.repo.features.releases.all,
    asked: () => acme.github.world.requests.map(({ operation }) => operation ?? "?"),
  };
}
