import type { World } from "../world.ts";

/** One maker for each part of the world. */
export type Providers = { readonly [K in keyof World]: () => Promise<World[K]> };

/** Parts that are joined from others. */
export type EngineParts = Pick<
  Providers,
  "ground" | "openGround" | "openStore" | "openArtifacts" | "snapshotGround" | "openSnapshot"
>;

/** Parts that belong to one repository. */
export type RepositoryParts = Pick<
  Providers,
  | "repository"
  | "openBundles"
  | "lookAround"
  | "store"
  | "cache"
  | "artifacts"
  | "forge"
  | "forgeSettings"
  | "asker"
  | "keys"
>;

/** Parts that belong to the machine, whatever the repository. */
export type MachineParts = Omit<Providers, keyof EngineParts | keyof RepositoryParts>;

/** Makes a part once, when it is first needed. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Builds exactly the parts that a command names, one after the other. */
export async function worldWith(providers: Providers, needs: readonly (keyof World)[]): Promise<Partial<World>> {
  const world: { -readonly [K in keyof World]?: World[K] } = {};
  for (const need of needs) await add(world, providers, need);
  return world;
}

async function add<K extends keyof World>(
  world: { -readonly [P in keyof World]?: World[P] },
  providers: Pick<Providers, K>,
  need: K,
): Promise<void> {
  const make: () => Promise<World[K]> = providers[need];
  world[need] = await make();
}

/** Tells whether a world holds everything that a command named. */
export function holds(world: Partial<World>, needs: readonly (keyof World)[]): world is World {
  return needs.every((need) => world[need] !== undefined);
}
