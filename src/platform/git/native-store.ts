import type { Clock } from "../../ports/clock.ts";
import type { GitStore } from "../../ports/git-store.ts";
import { diskOps, type FileOps } from "./file-ops.ts";
import { gitOf } from "./git-process.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { localBranches } from "./local-branches.ts";
import { nativeObjects } from "./native-objects.ts";
import { objectDatabase } from "./object-database.ts";
import { RefUpdater } from "./ref-updater.ts";
import { findRepository } from "./repository.ts";
import { gitStore } from "./store.ts";

/** How a native store is opened. */
export interface NativeStoreOptions {
  /** Path of a bare repository or of a clone, or URL of a remote. */
  readonly location: string;
  /** Environment of the children; its `GIT_*` are dropped. */
  readonly env: ReadonlyMap<string, string>;
  /** Prefix of all branches of ours, `waybill/`. */
  readonly prefix?: string;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly fileOps?: FileOps;
}

const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Opens a repository through git itself. */
export async function openNativeStore(options: NativeStoreOptions): Promise<GitStore> {
  const git = gitOf(options.env);
  const repository = await findRepository(git, options.location);
  const raw = nativeObjects(git, repository, options.fileOps ?? diskOps);
  const refs = new RefUpdater(git, repository.gitDir, repository.algorithm);
  return gitStore({
    location: options.location,
    objects: objectDatabase(raw, { ...defaultLimits, ...options.limits }),
    branches: localBranches(git, repository, refs, options.prefix ?? "waybill/"),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    async close() {
      await Promise.all([raw.close(), refs.close()]);
    },
  });
}
