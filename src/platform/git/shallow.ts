import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { isOid } from "../../kernel/oid.ts";
import { onPath } from "../file-errors.ts";
import { type Git, runGit } from "./git-process.ts";
import type { Repository } from "./repository.ts";

/**
 * Tells whether the history of a branch below a prefix is cut short. A clone of depth 1 is shallow as a whole, but branches that
 * were fetched later are complete: what counts is whether a branch of ours holds one of the cuts.
 */
export async function isCutShort(git: Git, { gitDir, commonDir }: Repository, prefix: string): Promise<boolean> {
  const path = join(commonDir, "shallow");
  // No file: nothing is cut. A file that cannot be read says nothing, and must not pass for whole history.
  const text = await onPath(path, () => readFile(path, "latin1")).catch((cause: unknown) => {
    if (cause instanceof ToolError && cause.code === "file.not_found") return "";
    throw cause;
  });
  const cuts = text.split("\n").filter(isOid);
  if (cuts.length === 0) return false;
  const args = ["for-each-ref", "--count=1", "--format=x", ...cuts.map((cut) => `--contains=${cut}`), prefix];
  const { status, stdout } = await runGit(git, gitDir, args);
  return status !== 0 || stdout.length > 0;
}
