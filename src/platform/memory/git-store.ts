import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GitStore } from "../../ports/git-store.ts";
import { defaultLimits, type Limits } from "../git/limits.ts";
import { objectDatabase } from "../git/object-database.ts";
import type { RawObjects } from "../git/raw-objects.ts";
import { type Algorithm, corrupt, missing, objectId, type ObjectKind } from "../git/objects.ts";
import type { Branches, Queue } from "../git/store-parts.ts";
import { gitStore } from "../git/store.ts";
import { systemClock } from "../clock.ts";

/** A repository in memory: raw objects by id and branch tips. Several stores may share one, as processes share a folder. */
export interface MemoryRepository {
  readonly algorithm: Algorithm;
  readonly objects: Map<Oid, { readonly kind: ObjectKind; readonly content: Uint8Array }>;
  readonly branches: Map<string, Oid>;
}

/** Makes an empty repository in memory. */
export function createMemoryRepository(algorithm: Algorithm = "sha1"): MemoryRepository {
  return { algorithm, objects: new Map(), branches: new Map() };
}

/** Options of a memory store. */
export interface MemoryStoreOptions {
  readonly repository?: MemoryRepository;
  /** What people call it, where it stands for another repository. */
  readonly location?: string;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Called before each move of a branch; a test lets another writer in, or throws. */
  readonly beforeSwap?: (branch: string) => void | Promise<void>;
  /** Where the writers of this store queue up, as those of a remote do. */
  readonly queue?: Queue;
}

/** Makes a git store in memory, for tests and dry runs; object ids are those of real git. */
export function createMemoryGitStore(options: MemoryStoreOptions = {}): GitStore {
  const repository = options.repository ?? createMemoryRepository();
  return gitStore({
    location: options.location ?? "memory:",
    objects: objectDatabase(memoryObjects(repository), { ...defaultLimits, ...options.limits }),
    branches: { ...memoryBranches(repository, options.beforeSwap), queue: options.queue ?? null },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    close: () => Promise.resolve(),
  });
}

function memoryObjects({ algorithm, objects }: MemoryRepository): RawObjects {
  return {
    algorithm,
    async read(oid, kind, accept) {
      const object = objects.get(oid);
      if (object === undefined) throw missing(oid);
      if (object.kind !== kind) throw corrupt(`Object ${oid}`, `it is a ${object.kind}, not a ${kind}`);
      accept(object.content.length);
      if (objectId(algorithm, kind, object.content) !== oid)
        throw corrupt(`Object ${oid}`, "its content has another id");
      return object.content;
    },
    async write(made) {
      for (const { oid, kind, content } of made) objects.set(oid, { kind, content: Uint8Array.from(content) });
    },
    close: () => Promise.resolve(),
  };
}

function memoryBranches(
  { branches }: MemoryRepository,
  beforeSwap: MemoryStoreOptions["beforeSwap"],
): Omit<Branches, "queue"> {
  return {
    tip: async (branch) => branches.get(branch) ?? null,
    async list(prefix) {
      const below = [...branches].filter(([name]) => name.startsWith(prefix));
      return new Map(below.toSorted(([a], [b]) => byCodePoint(a, b)));
    },
    freshen: () => Promise.resolve(),
    landed: () => undefined,
    refresh: () => Promise.resolve(),
    async swap(branch, from, to) {
      await beforeSwap?.(branch);
      if ((branches.get(branch) ?? null) !== from) return "lost";
      if (to === null) branches.delete(branch);
      else branches.set(branch, to);
      return "swapped";
    },
    lockHint: () => Promise.resolve([]),
    close: () => Promise.resolve(),
    isShallow: () => Promise.resolve(false),
  };
}
