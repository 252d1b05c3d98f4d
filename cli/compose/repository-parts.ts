import { systemClock } from "../../src/platform/clock.ts";
import { nodeFiles } from "../../src/platform/node-files.ts";
import { DECISIONS, PROPOSALS } from "../../src/state/branches.ts";
import type { Run } from "../compose.ts";
import { askerOf, keysOf } from "./asker.ts";
import { githubToken } from "./github.ts";
import { hasGit } from "./local-git.ts";
import { lookAroundOf } from "./look-around.ts";
import { once, type RepositoryParts } from "./world-with.ts";

/** What belongs to one repository: its branches, its artifacts, its forge, and who is asking. */
export function repositoryParts(run: Run): RepositoryParts {
  const { command, args, env, journal, closers, repository, caches, client, progress } = run;
  const token = githubToken(env);
  return {
    repository,
    lookAround: async () => lookAroundOf(args, env, repository),
    forge: once(async () => {
      const asked = token === null || args["offline"] === true ? null : await client();
      if (asked === null) return null;
      const { githubForge } = await import("../../src/platform/github/forge.ts");
      const forge = githubForge({ client: asked, decisionsBranch: DECISIONS, proposalPrefix: PROPOSALS });
      return journal.forge(forge, args["dry-run"] === true);
    }),
    forgeSettings: once(async () => {
      const asked = args["offline"] === true ? null : await client();
      return asked && (await import("../../src/platform/github/settings.ts")).githubSettings(asked);
    }),
    store: once(async () => {
      const { driverOf, openStore, planningStore } = await import("./store.ts");
      const dryRun = args["dry-run"] === true;
      const settings = {
        env,
        cache: (await caches()).path,
        clock: systemClock,
        log: progress,
        offline: args["offline"] === true,
        driver: driverOf(await repository(), command, { args, token, hasGit: await hasGit(env) }),
        client: await client(),
        ...(args["github"] === true && (await repository()).workTree !== null ? { remote: "origin" } : {}),
      };
      const planned = dryRun && command.creates === true ? await planningStore(await repository(), settings) : null;
      if (planned !== null) return planned;
      const store = await openStore(await repository(), settings);
      closers.push(() => store.close());
      return journal.store(store, dryRun);
    }),
    openBundles: async () => () => bundlesOf(run),
    cache: once(async () => (await import("./cache-folder.ts")).cacheOfRun(await caches(), await repository(), args)),
    artifacts: once(async () => {
      const asked = token === null || args["local-store"] !== undefined ? null : await client();
      if (asked !== null) {
        const { githubArtifactStore } = await import("../../src/platform/github/release-store.ts");
        return journal.artifacts(githubArtifactStore({ client: asked, clock: systemClock }));
      }
      const { artifactFolder } = await import("./artifact-folder.ts");
      const { fileArtifactStore } = await import("../../src/platform/file-artifact-store.ts");
      return journal.artifacts(fileArtifactStore(await artifactFolder(args, env, repository)));
    }),
    keys: once(async () => journal.keys(await keysOf(nodeFiles(), { args, env, repository }))),
    asker: once(() => askerOf({ args, env, repository })),
  };
}

/** Bundles of the repository's own git, whatever driver reaches its branches. */
async function bundlesOf({ env, repository, caches, client }: Run) {
  const { gitPlace } = await import("./store.ts");
  const { gitBundles } = await import("../../src/platform/git/bundles.ts");
  const at = await repository();
  const place = gitPlace(at, await client());
  return gitBundles({ ...place, env, isAddress: at.gitDir === null, cache: (await caches()).path });
}
