import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { type Git, runGit } from "./git-process.ts";
import { findRepository, type Repository } from "./repository.ts";

/** A repository on disk as a user stands in it. */
export interface Place {
  /** What git said of it; null where there is no git. */
  readonly repository: Repository | null;
  /** Where objects and branches lie. */
  readonly gitDir: string;
  /** Top of the work tree; null in a bare repository. */
  readonly workTree: string | null;
}

/**
 * Finds the repository that a path belongs to; null outside of any. Throws `state.repository.unsafe` or
 * `state.repository.unsupported`.
 */
export async function findPlace(git: Git, path: string): Promise<Place | null> {
  try {
    const repository = await findRepository(git, path);
    const { commonDir: gitDir, isBare } = repository;
    if (isBare) return { repository, gitDir, workTree: null };
    const top = await runGit(git, null, ["-C", path, "rev-parse", "--path-format=absolute", "--show-toplevel"]);
    return { repository, gitDir, workTree: top.status === 0 ? top.stdout.toString("utf8").trimEnd() : null };
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "state.repository.missing") return null;
    throw cause;
  }
}

/**
 * Makes a bare repository whose HEAD names a branch of ours, so that a clone of it starts there. Pushed objects that are malformed are
 * refused: one on a branch would stop every reader. Who fetches from it may leave out documents.
 */
export async function makeBare(git: Git, path: string, head: string): Promise<void> {
  const asked = ["init", "--bare", "--quiet", "--template=", `--initial-branch=${head}`, "--", path];
  let done = await runGit(git, null, asked);
  for (const name of ["receive.fsckObjects", "uploadpack.allowFilter"])
    if (done.status === 0) done = await runGit(git, path, ["config", name, "true"]);
  const { status, stderr } = done;
  if (status === 0) return;
  throw new ToolError("file.not_permitted", `No repository can be made at ${printable(path)}`, {
    data: { path },
    hints: ["Name a new or empty folder that you may write to"],
    cause: new Error(printable(stderr.trim(), 1000)),
  });
}

/** Reads one setting of a repository, or of the user where `gitDir` is null; undefined where it is not set. */
export async function settingOf(git: Git, gitDir: string | null, name: string): Promise<string | undefined> {
  const { status, stdout } = await runGit(git, gitDir, ["config", "--null", "--get", name]);
  const value = stdout.toString("utf8").split("\0")[0];
  return status === 0 && value !== "" ? value : undefined;
}
