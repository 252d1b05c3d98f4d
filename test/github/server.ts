import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Front } from "./front.ts";
import type { FakeRepository } from "./repository.ts";
import type { Caller, FakeAccount } from "./route.ts";
import { ALL_PERMISSIONS } from "./tokens.ts";
import { FakeWorld, type FakeUrls, type NewRepository } from "./world.ts";

/** How a stand-in is started. */
export interface GithubOptions {
  /** Where its clock stands at first. */
  readonly startAt?: Date;
  /** Its clock, where it shall not stand still. */
  readonly clock?: () => Date;
  /** Added to each request. */
  readonly latencyMs?: number;
  /** Width of the line that all uploads share; without limit where absent. */
  readonly bytesPerSecond?: number;
  /** Where repositories and uploads lie; a temporary folder that is removed at the end where absent. */
  readonly folder?: string;
}

/** A stand-in for GitHub that listens on loopback. */
export interface FakeGithub extends FakeUrls {
  /** For example `http://127.0.0.1:4711/api/v3`. */
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly uploadsUrl: string;
  readonly world: FakeWorld;
  /** What was asked or answered that GitHub's descriptions do not know. */
  readonly violations: string[];
  readonly addAccount: (login: string, type?: FakeAccount["type"], id?: number) => FakeAccount;
  readonly addRepository: (wanted: NewRepository) => Promise<FakeRepository>;
  /** Gives out a token; without permissions it has all, without repositories it reaches all that its account may see. */
  readonly token: (
    account: FakeAccount,
    kind?: Caller["kind"],
    permissions?: Caller["permissions"],
    repositories?: readonly FakeRepository[],
  ) => string;
  /** Throws what GitHub's descriptions do not know; a test that provokes it empties `violations`. */
  readonly assertHonest: () => void;
  /** Ends everything, and throws as {@link FakeGithub.assertHonest} does. */
  readonly stop: () => Promise<void>;
}

/** Starts a stand-in for GitHub: three origins on loopback, one for the API, pages and git, one for uploads, one for downloads. */
export async function startGithub(options: GithubOptions = {}): Promise<FakeGithub> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "waybill-github-")));
  const world = new FakeWorld(folder, options);
  const front = new Front(world, options.latencyMs ?? 0, options.bytesPerSecond ?? null);
  const main = await listen((request, response) => front.serve("main", request, response));
  const uploads = await listen((request, response) => front.serve("uploads", request, response));
  const objects = await listen((request, response) => front.serve("objects", request, response));
  const urls: FakeUrls = {
    api: `${main.url}/api/v3`,
    server: main.url,
    uploads: `${uploads.url}/api/uploads`,
    objects: objects.url,
  };
  world.urls = urls;
  const assertHonest = (): void => {
    if (world.violations.length > 0) throw new Error(`Not what GitHub describes:\n${world.violations.join("\n")}`);
  };
  return {
    ...urls,
    apiUrl: urls.api,
    serverUrl: urls.server,
    uploadsUrl: urls.uploads,
    world,
    violations: world.violations,
    addAccount: (login, type, id) => world.addAccount(login, type, id),
    addRepository: (wanted) => world.addRepository(wanted),
    token: (account, kind = "user", permissions = ALL_PERMISSIONS, repositories) =>
      world.tokens.issue({ account, kind, permissions, repositories: repositories ?? null }),
    assertHonest,
    stop: async () => {
      await Promise.all([main, uploads, objects].map(({ server }) => closed(server)));
      await front.idle();
      for (const repo of world.repositories) repo.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      assertHonest();
    },
  };
}

async function listen(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    serve(request, response).catch((cause: unknown) => response.destroy(cause instanceof Error ? cause : undefined));
  });
  // A client that waits between two requests shall not meet a connection that is being closed.
  server.keepAliveTimeout = 60_000;
  // A slow line is no mistake of the client.
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return { server, url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}
