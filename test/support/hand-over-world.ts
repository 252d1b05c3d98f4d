import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { handOver } from "../../src/distribution/hand-over.ts";
import { openZip } from "../../src/inspect/zip/archive.ts";
import { readMember } from "../../src/inspect/zip/member.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import { fileArtifactStore } from "../../src/platform/file-artifact-store.ts";
import { gitBundles } from "../../src/platform/git/bundles.ts";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import { printZip } from "../../src/platform/zip-print.ts";
import type { Bundles } from "../../src/ports/bundles.ts";
import { exportState } from "../../src/state/hand-over/export.ts";
import { codeOf } from "./code-of.ts";
import { git, makeFolder } from "./git-repo.ts";
import { testEnv } from "./native-under-test.ts";
import { publishWorld } from "./publish-world.ts";

/** A bare repository with a published release, and its bundles. */
export async function published() {
  const made = makeFolder();
  onTestFinished(() => made.remove());
  const folder = made.path;
  const location = join(folder, "repo.git");
  git(folder, ["init", "--bare", "-q", location]);
  const env = testEnv(folder);
  const store = await openNativeStore({ location, env });
  onTestFinished(() => store.close());
  const world = await publishWorld({ store });
  await world.release("1.0.0", {}, "the first");
  await world.release("1.1.0", {}, "the second");
  const bundles = gitBundles({ location, env, isAddress: false, cache: join(folder, "cache") });
  return { folder, location, env, world, bundles };
}

/** What {@link published} made. */
export type Published = Awaited<ReturnType<typeof published>>;

/** Exports a bundle: without stored files, with all, or with those of a release. */
export async function exported({ world, bundles }: Published, which: "all" | { release: string } | null, out: string) {
  const none = { release: null, artifacts: [], warnings: [] };
  const files = which === null ? none : orThrow(await handOver(world.desk(), world.artifacts, which));
  const on = { bundles, printZip, files: world.files, log: world.log };
  return exportState(world.ground, on, { ...files, out, force: false });
}

/** An empty repository to import into. */
export async function empty(on: Published, name: string, format: "sha1" | "sha256" = "sha1") {
  const location = join(on.folder, `${name}.git`);
  git(on.folder, ["init", "--bare", "-q", `--object-format=${format}`, location]);
  const store = await openNativeStore({ location, env: on.env });
  onTestFinished(() => store.close());
  const files = join(on.folder, `${name}-files`);
  const bundles = gitBundles({ location, env: on.env, isAddress: false, cache: join(on.folder, "cache") });
  const artifacts = fileArtifactStore(files);
  const { world } = on;
  const ground = (given: Partial<{ bundles: Bundles }> = {}) => ({
    schemas: world.schemas,
    files: world.files,
    log: world.log,
    openStore: async () => store,
    openBundles: async () => given.bundles ?? bundles,
    openArtifacts: async () => artifacts,
  });
  const refs = () => git(location, ["for-each-ref", "--format=%(objectname) %(refname)"]);
  return { location, store, files, bundles, ground, refs };
}

/** One member of a bundle. */
export async function bytesOf(path: string, name: string): Promise<Uint8Array> {
  const content = readFileSync(path);
  const archive = await openZip({
    sizeBytes: content.length,
    read: async (offset, length) => content.subarray(offset, offset + length),
  });
  return readMember(archive, archive.byName.get(name)!, 1 << 24);
}

/** The code with which work fails. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const [done] = await Promise.allSettled([work]);
  return codeOf(() => {
    if (done.status === "rejected") throw done.reason;
  });
}
