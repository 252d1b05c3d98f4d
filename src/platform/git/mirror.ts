import { createHash, randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { withoutSecret } from "../../kernel/text.ts";
import { fileError } from "../file-errors.ts";
import { makeFolders } from "../make-folders.ts";
import { isThere } from "./file-ops.ts";
import { type Git, runGit } from "./git-process.ts";
import { remoteError } from "./remote-errors.ts";
import { findRepository, type Repository } from "./repository.ts";

/** Tells an address from a path: a scheme, or `host:path` as ssh has it. */
export function isAddress(location: string): boolean {
  return (
    /^(?:https?|ssh|git|file):\/\//.test(location) ||
    /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9._-]{2,}:(?![\\/])/.test(location)
  );
}

/** The name by which a cache keeps what belongs to an address, whoever asks. */
export function addressKey(url: string): string {
  return createHash("sha256").update(withoutSecret(url)).digest("hex").slice(0, 32);
}

/** Opens the bare mirror of an address in a cache folder, made on first use. Made aside and renamed, so that two users of one cache meet. */
export async function openMirror(
  git: Git,
  url: string,
  prefix: string,
  cache: string,
  offline: boolean,
): Promise<Repository> {
  const path = join(cache, "mirrors", `${addressKey(url)}.git`);
  if (!(await isThere(path))) await makeMirror(git, url, prefix, path, offline);
  return findRepository(git, path);
}

async function makeMirror(git: Git, url: string, prefix: string, path: string, offline: boolean): Promise<void> {
  const format = offline ? "sha1" : await formatOf(git, url, prefix);
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await makeFolders(join(path, ".."), 0o700);
    const made = await runGit(git, null, [
      "init",
      "--bare",
      "--quiet",
      "--template=",
      `--object-format=${format}`,
      "--",
      temporary,
    ]);
    if (made.status !== 0)
      throw new ToolError("file.unreadable", "The mirror of a remote cannot be made", {
        data: { output: made.stderr.slice(0, 1000) },
      });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (await isThere(path)) return;
    throw error instanceof ToolError ? error : fileError(error, path);
  }
}

/** Hash of a remote's object ids; one without branches of ours is taken for SHA-1. */
async function formatOf(git: Git, url: string, prefix: string): Promise<"sha1" | "sha256"> {
  const { status, stdout, stderr } = await runGit(
    git,
    null,
    ["ls-remote", "--", url, "HEAD", `refs/heads/${prefix}*`],
    "transport",
  );
  if (status !== 0) throw remoteError(url, stderr, "Looking for the branches of Waybill");
  return /^[0-9a-f]{64}\t/.test(stdout.toString("latin1")) ? "sha256" : "sha1";
}
