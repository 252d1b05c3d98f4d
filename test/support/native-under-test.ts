import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { env } from "node:process";
import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { type NativeStoreOptions, openNativeStore } from "../../src/platform/git/native-store.ts";
import { git, gitBytes, makeFolder } from "./git-repo.ts";
import { bytes, type StoreUnderTest } from "./store-under-test.ts";

/** Environment of a store under test: no configuration of the user who runs the tests. */
export function testEnv(home: string): ReadonlyMap<string, string> {
  return new Map([
    ["PATH", env["PATH"] ?? ""],
    ["HOME", home],
  ]);
}

/** Where a native store under test works. */
export interface NativeSetup {
  readonly algorithm: "sha1" | "sha256";
  /** Options of the store, given its folder and the bare repository that holds the truth. */
  open(folder: string, truth: string): Promise<Omit<NativeStoreOptions, "env">>;
  /** Git folders beside the truth in which objects are overwritten. */
  copies?(folder: string): readonly string[];
  stop?(): Promise<void>;
}

/** Puts raw objects into a repository, whatever they hold. */
export function putObject(gitDir: string, kind: string, content: Uint8Array): Oid {
  const oid = git(gitDir, ["hash-object", "-t", kind, "-w", "--stdin", "--literally"], content);
  if (!isOid(oid)) throw new Error(`${oid} is no object id`);
  return oid;
}

/** What is done to a bare repository behind the back of the stores that are opened on it. */
export function bareUnderTest(
  truth: string,
  copies: () => readonly string[],
): Pick<StoreUnderTest, "put" | "setBranch" | "damage" | "hold"> {
  return {
    put: async (kind, content) => putObject(truth, kind, content),
    setBranch: async (branch, tip) => void git(truth, ["update-ref", `refs/heads/${branch}`, tip]),
    async damage(oid) {
      for (const gitDir of [truth, ...copies()]) overwrite(gitDir, oid);
    },
    async hold(branch) {
      const lock = join(truth, `refs/heads/${branch}.lock`);
      writeFileSync(lock, "");
      return async () => rmSync(lock);
    },
  };
}

/** Makes a native store over a new bare repository. */
export async function makeNative(
  setup: NativeSetup,
): Promise<StoreUnderTest & { readonly truth: string; readonly folder: string }> {
  const made = makeFolder();
  const folder = made.path;
  const truth = join(folder, "truth.git");
  git(folder, ["init", "--bare", "-q", `--object-format=${setup.algorithm}`, truth]);
  git(truth, ["config", "http.receivepack", "true"]);
  const given = await setup.open(folder, truth);
  const open = () => openNativeStore({ ...given, env: testEnv(folder) });
  const store = await open();
  return {
    algorithm: setup.algorithm,
    truth,
    folder,
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

/** Puts the loose file of another object in the place of one. */
export function overwrite(gitDir: string, oid: Oid): void {
  const path = join(gitDir, "objects", oid.slice(0, 2), oid.slice(2));
  const kind = git(gitDir, ["cat-file", "-t", oid]);
  const content = Buffer.concat([gitBytes(gitDir, ["cat-file", kind, oid]), bytes(" ")]);
  const other = putObject(gitDir, kind, content);
  const fake = readFileSync(join(gitDir, "objects", other.slice(0, 2), other.slice(2)));
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) chmodSync(path, 0o644);
  writeFileSync(path, fake);
}
