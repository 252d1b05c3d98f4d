import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { systemClock } from "../../src/platform/clock.ts";
import { githubClient } from "../../src/platform/github/client.ts";
import { openForgeStore } from "../../src/platform/github/git/forge-store.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import type { Limits } from "../../src/platform/git/limits.ts";
import { openPortableStore } from "../../src/platform/portable/portable-store.ts";
import { createMemoryGitStore, type MemoryRepository } from "../../src/platform/memory/git-store.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import { startGithub } from "../github/server.ts";
import { git, makeFolder } from "../support/git-repo.ts";
import { serveGit } from "../support/http-git-server.ts";
import { testEnv } from "../support/native-under-test.ts";
import { gitlessEnv } from "../support/portable-under-test.ts";
import { lookingTogether } from "../support/together-store.ts";

/** One way to read a repository, and what lies behind it. */
export interface Driven {
  readonly name: string;
  /** Makes the truth what a repository in memory holds, its branches too, and opens a store on it. */
  load(repository: MemoryRepository, limits?: Partial<Limits>): Promise<GitStore>;
  /** Git folder of the truth; null where it is in memory. */
  readonly truth: string | null;
  /** The store of the last `load`, opened again, as a later command does. */
  again(): Promise<GitStore>;
  close(): Promise<void>;
}

/**
 * Makes every driver of the store, each on a repository of its own: a bare one, mirrors of a path and of an HTTP address, GitHub, memory,
 * two without git, and one that looks through many commits together.
 */
export async function makeDrivers(): Promise<readonly Driven[]> {
  const ours = [memory(), bare(), mirror("file"), mirror("http"), forge()];
  return Promise.all([...ours, portable("path"), portable("http"), bare("native, together", lookingTogether)]);
}

/** Names of the drivers, in the order of {@link makeDrivers}, for tables of tests. */
export const DRIVER_NAMES = ["memory", "native", "native file mirror", "native http mirror", "forge"] as const;

/** With those that read in other ways, for what is about objects and refs: the rest of the store is one for all. */
export const READER_NAMES = [...DRIVER_NAMES, "portable", "portable http mirror", "native, together"] as const;

async function memory(): Promise<Driven> {
  let open = (): GitStore => createMemoryGitStore();
  return {
    name: "memory",
    truth: null,
    load: async (repository, limits = {}) => {
      open = () => createMemoryGitStore({ repository, limits });
      return open();
    },
    again: async () => open(),
    close: async () => {},
  };
}

/** A driver over a repository on disk, which ends with it. */
function onDisk(
  name: string,
  { truth, fill, remove }: ReturnType<typeof repositoryOnDisk>,
  stores: ReturnType<typeof opener>,
  server: { stop(): Promise<void> } | null = null,
): Driven {
  return {
    name,
    truth,
    load: async (repository, limits = {}) => {
      fill(repository);
      return stores.open(limits);
    },
    again: stores.again,
    close: async () => {
      await stores.close();
      await server?.stop();
      remove();
    },
  };
}

async function bare(name = "native", through = (store: GitStore) => store): Promise<Driven> {
  const disk = repositoryOnDisk();
  const { folder, truth } = disk;
  const stores = opener(async (limits: Partial<Limits>) =>
    through(await openNativeStore({ location: truth, env: testEnv(folder), cache: join(folder, "cache"), limits })),
  );
  return onDisk(name, disk, stores);
}

async function mirror(protocol: "file" | "http"): Promise<Driven> {
  const disk = repositoryOnDisk();
  const { folder, truth } = disk;
  const server = protocol === "http" ? await serveGit(folder) : null;
  const location = server === null ? `file://${truth}` : `${server.url}/truth.git`;
  const stores = opener((limits: Partial<Limits>) =>
    openNativeStore({
      location,
      env: testEnv(folder),
      freshMs: 0,
      cache: join(folder, "cache"),
      limits,
    }),
  );
  return onDisk(`native ${protocol} mirror`, disk, stores, server);
}

async function portable(how: "path" | "http"): Promise<Driven> {
  const disk = repositoryOnDisk();
  const { folder, truth } = disk;
  const server = how === "http" ? await serveGit(folder) : null;
  const location = server === null ? truth : `${server.url}/truth.git`;
  const cache = join(folder, "cache");
  const stores = opener((limits: Partial<Limits>) =>
    openPortableStore({ location, env: gitlessEnv(folder), freshMs: 0, cache, limits }),
  );
  return onDisk(how === "http" ? "portable http mirror" : "portable", disk, stores, server);
}

async function forge(): Promise<Driven> {
  const github = await startGithub();
  const owner = github.addAccount("acme", "Organization");
  const repository = await github.addRepository({ owner, name: "notes", private: true });
  const bot = github.addAccount("github-actions[bot]", "Bot");
  const token = github.token(bot, "workflow", { contents: "write", metadata: "read" }, [repository]);
  const { path } = repository;
  const at = { owner: "acme", repo: "notes", apiUrl: github.apiUrl, serverUrl: github.serverUrl };
  const stores = opener(async (limits: Partial<Limits>) => {
    const client = githubClient({ at, token, clock: systemClock });
    return openForgeStore({ client, clock: systemClock, random: Math.random, freshMs: 0, limits });
  });
  return {
    name: "forge",
    truth: path,
    load: async (loaded, limits = {}) => {
      fillDisk(path, loaded);
      return stores.open(limits);
    },
    again: stores.again,
    close: async () => {
      await stores.close();
      await github.stop();
    },
  };
}

/** Opens stores one after the other; each but the last is closed when the next is opened. */
function opener(make: (limits: Partial<Limits>) => Promise<GitStore>) {
  let store: GitStore | null = null;
  let bounds: Partial<Limits> = {};
  const again = async (): Promise<GitStore> => {
    await store?.close();
    store = await make(bounds);
    return store;
  };
  return {
    again,
    open: (limits: Partial<Limits>) => {
      bounds = limits;
      return again();
    },
    close: async () => {
      await store?.close();
    },
  };
}

function repositoryOnDisk() {
  const made = makeFolder();
  const folder = made.path;
  const truth = join(folder, "truth.git");
  git(folder, ["init", "-q", "--bare", truth]);
  return {
    folder,
    truth,
    remove: () => made.remove(),
    fill: (repository: MemoryRepository) => fillDisk(truth, repository),
  };
}

/** Writes objects that are not there as loose files, unchecked, and makes the branches those of the repository in memory. */
function fillDisk(gitDir: string, { objects, branches }: MemoryRepository): void {
  for (const [oid, { kind, content }] of objects) {
    const path = join(gitDir, "objects", oid.slice(0, 2), oid.slice(2));
    if (existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, looseBytes(kind, content));
  }
  rmSync(join(gitDir, "refs", "heads", "waybill"), { recursive: true, force: true });
  for (const [branch, tip] of branches) {
    const path = join(gitDir, "refs", "heads", branch);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${tip}\n`);
  }
}

const deflated = new WeakMap<Uint8Array, Uint8Array>();

function looseBytes(kind: string, content: Uint8Array): Uint8Array {
  const bytes =
    deflated.get(content) ??
    deflateSync(Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]), { level: 1 });
  deflated.set(content, bytes);
  return bytes;
}
