import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Git } from "./git-process.ts";
import type { Algorithm } from "./objects.ts";

/** A git that reads objects of a repository and nothing else of it. */
export interface ObjectsOnly {
  readonly git: Git;
  /** The git folder that it is started on. */
  readonly gitDir: string;
  /** Removes that. */
  readonly drop: () => void;
}

/** Settings and attributes of the user and the system, none of them. */
const NOBODY = {
  GIT_ATTR_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_KEY_0: "core.attributesFile",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_VALUE_0: "/dev/null",
} as const;

/**
 * Has git started on an empty repository whose objects are those of another one, from the empty folder: settings and attributes, the files in
 * the work tree among them, say how git shows a blob, may name commands to show it by, and may be files without an end. None of the
 * other repository, the user or the system is read. Throws what the disk says where no temporary folder can be made.
 */
export async function objectsOnly(git: Git, objects: string, algorithm: Algorithm): Promise<ObjectsOnly> {
  const gitDir = await mkdtemp(join(resolve(tmpdir()), "waybill-objects-"));
  const drop = () => rmSync(gitDir, { recursive: true, force: true });
  try {
    await mkdir(join(gitDir, "refs"));
    await writeFile(join(gitDir, "HEAD"), "ref: refs/heads/main\n");
    await writeFile(join(gitDir, "config"), configOf(algorithm));
  } catch (cause) {
    drop();
    throw cause;
  }
  return { git: { ...git, env: { ...git.env, ...NOBODY, GIT_OBJECT_DIRECTORY: objects }, cwd: gitDir }, gitDir, drop };
}

/** Source: `gitrepository-layout(5)` and `extensions.objectFormat` of `git-config(1)`. */
function configOf(algorithm: Algorithm): string {
  const core = (version: number) => `[core]\n\trepositoryformatversion = ${version}\n\tbare = true\n`;
  return algorithm === "sha1" ? core(0) : `${core(1)}[extensions]\n\tobjectformat = ${algorithm}\n`;
}
