import { join } from "node:path";
import { expect, it } from "vitest";
import { repositoryOf } from "../../../cli/compose/repository.ts";
import { openStore, planningStore } from "../../../cli/compose/store.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { githubClient } from "../../../src/platform/github/client.ts";
import { STATE } from "../../../src/state/branches.ts";
import { countingGit } from "../../support/counting-git.ts";
import { git, makeFolder } from "../../support/git-repo.ts";
import { serveGit } from "../../support/http-git-server.ts";
import { testEnv } from "../../support/native-under-test.ts";

const log = {
  note: () => undefined,
  detail: () => undefined,
  task: () => ({ step: () => undefined, end: () => undefined }),
};

it("asks git once where a repository is, and reads its branches without it", async () => {
  const folder = makeFolder();
  const truth = join(folder.path, "notes.git");
  git(folder.path, ["init", "-q", "--bare", truth]);
  git(truth, ["update-ref", `refs/heads/${STATE}`, git(truth, ["commit-tree", "-m", "x", EMPTY_TREE])]);
  const { env, started } = countingGit(folder.path);
  const repository = await repositoryOf({ server: truth }, env);
  expect(started()).toBe(1);
  const cache = join(folder.path, "cache");
  const settings = { env, cache, clock: systemClock, log, offline: false, driver: "native", client: null } as const;
  const store = await openStore(repository, settings);
  expect(await store.head(STATE)).toBe(git(truth, ["rev-parse", STATE]));
  await store.close();
  expect(started()).toBe(0);
  folder.remove();
});

it("calls a repository that is only planned by its own name", async () => {
  const folder = makeFolder();
  const env = testEnv(folder.path);
  const repository = await repositoryOf({ path: join(folder.path, "new.git") }, env, "plan");
  const settings = { env, cache: folder.path, clock: systemClock, log, offline: false, client: null } as const;
  const store = await planningStore(repository, { ...settings, driver: "native" });
  expect(store?.location).toBe(join(folder.path, "new.git"));
  folder.remove();
});

it("never sends the token of a forge to an address that git is redirected to", async () => {
  const folder = makeFolder();
  const truth = join(folder.path, "acme", "notes.git");
  git(folder.path, ["init", "-q", "--bare", truth]);
  git(truth, ["update-ref", `refs/heads/${STATE}`, git(truth, ["commit-tree", "-m", "x", EMPTY_TREE])]);
  const told: (string | undefined)[] = [];
  const elsewhere = await serveGit(folder.path, ({ headers }) => void told.push(headers.authorization));
  const forge = await serveGit(folder.path, ({ url, headers }, response) => {
    told.push(headers.authorization);
    response.writeHead(301, { location: `${elsewhere.url.replace("127.0.0.1", "localhost")}${url ?? ""}` }).end();
    return "handled";
  });
  const github = { owner: "acme", repo: "notes", serverUrl: forge.url, apiUrl: forge.url };
  const location = `${forge.url}/acme/notes.git`;
  const opened = openStore(
    { location, gitDir: null, workTree: null, github, made: false },
    {
      env: testEnv(folder.path),
      cache: join(folder.path, "cache"),
      clock: systemClock,
      log,
      offline: false,
      driver: "native",
      client: githubClient({ at: github, token: "secret", clock: systemClock }),
    },
  );
  await expect(opened.then((store) => store.close())).rejects.toMatchObject({ code: "state.repository.missing" });
  expect(told).toEqual([expect.stringMatching(/^Basic /)]);
  await Promise.all([forge.stop(), elsewhere.stop()]);
  folder.remove();
});

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
