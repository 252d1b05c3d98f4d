import { join } from "node:path";
import { openPortableStore, type PortableStoreOptions } from "../../src/platform/portable/portable-store.ts";
import { git, makeFolder } from "./git-repo.ts";
import { bareUnderTest } from "./native-under-test.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

/** Environment of a portable store under test: a PATH on which there is no git, and no configuration of the user who runs the tests. */
export function gitlessEnv(home: string): ReadonlyMap<string, string> {
  return new Map([
    ["PATH", join(home, "no-programs")],
    ["HOME", home],
  ]);
}

/** Where a portable store under test works. */
export interface PortableSetup {
  /** Options of the store, given its folder and the bare repository that holds the truth. */
  open(folder: string, truth: string): Promise<Omit<PortableStoreOptions, "env">>;
  /** Git folders beside the truth in which objects are overwritten. */
  copies?(folder: string): readonly string[];
  stop?(): Promise<void>;
}

/** Makes a portable store over a new bare repository, which real git looks after. */
export async function makePortable(setup: PortableSetup): Promise<StoreUnderTest> {
  const made = makeFolder();
  const folder = made.path;
  const truth = join(folder, "truth.git");
  git(folder, ["init", "--bare", "-q", truth]);
  git(truth, ["config", "http.receivepack", "true"]);
  const given = await setup.open(folder, truth);
  const open = () => openPortableStore({ ...given, env: gitlessEnv(folder) });
  const store = await open();
  return {
    algorithm: "sha1",
    store,
    another: open,
    ...bareUnderTest(truth, () => setup.copies?.(folder) ?? []),
    async close() {
      await store.close();
      await setup.stop?.();
      made.remove();
    },
  };
}
