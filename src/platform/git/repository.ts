import { dirname, join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { isThere } from "./file-ops.ts";
import { type Git, runGit } from "./git-process.ts";
import type { Algorithm } from "./objects.ts";

/** A repository on disk, as git found it. */
export interface Repository {
  readonly gitDir: string;
  /** Where objects and branches lie; differs from `gitDir` in a linked work tree. */
  readonly commonDir: string;
  readonly algorithm: Algorithm;
  readonly isBare: boolean;
}

/**
 * Finds the repository at a path: a bare one, or the clone that a folder belongs to. Git itself decides whether the user may
 * trust it. Throws `state.repository.missing`, `state.repository.unsafe` or `state.repository.unsupported`.
 */
export async function findRepository(git: Git, location: string): Promise<Repository> {
  const asked = [
    "--path-format=absolute",
    "--git-dir",
    "--git-common-dir",
    "--show-object-format",
    "--is-bare-repository",
  ];
  const { status, stdout, stderr } = await runGit(git, null, ["-C", location, "rev-parse", ...asked]);
  const [gitDir, commonDir, format, bare, ...more] = stdout.toString("utf8").split("\n");
  if (status !== 0 || gitDir === undefined || commonDir === undefined) throw refusal(location, stderr);
  // Git separates its answers by line breaks and has no other way to tell paths.
  if (more.length > 1) throw unsupported(location, "its path has a line break");
  if (format !== "sha1" && format !== "sha256")
    throw unsupported(location, `its objects are named by ${printable(format ?? "")}`);
  // A file of the repository that sends git elsewhere would bring another memory with it than the one of this place.
  if (gitDir !== commonDir && dirname(dirname(gitDir)) !== commonDir)
    throw unsupported(location, "its file commondir names another repository");
  // Later versions of git read reftable; our own reader of refs does not.
  if (await isThere(join(commonDir, "reftable")))
    throw unsupported(location, "it keeps its refs in the reftable format");
  return { gitDir, commonDir, algorithm: format, isBare: bare === "true" };
}

function refusal(location: string, stderr: string): ToolError {
  const data = { location };
  const cause = new Error(printable(stderr.trim(), 1000));
  if (/dubious ownership/.test(stderr)) {
    return new ToolError("state.repository.unsafe", `The repository ${printable(location)} belongs to another user`, {
      data: { ...data, setting: "safe.directory" },
      hints: [`If you trust it: git config --global --add safe.directory '${printable(location)}'`],
      cause,
    });
  }
  if (/safe\.bareRepository/.test(stderr)) {
    return new ToolError(
      "state.repository.unsafe",
      `Git's setting safe.bareRepository forbids the use of ${printable(location)}`,
      {
        data: { ...data, setting: "safe.bareRepository" },
        hints: ["Set safe.bareRepository to all, or use a clone"],
        cause,
      },
    );
  }
  if (/unknown repository extension|repo version|unknown value for/i.test(stderr)) {
    return unsupported(location, "it uses an extension that this git does not know", cause);
  }
  return new ToolError("state.repository.missing", `There is no git repository at ${printable(location)}`, {
    data,
    hints: ["Give the path of a clone or of a bare repository, or make one with git init --bare"],
    cause,
  });
}

function unsupported(location: string, why: string, cause?: unknown): ToolError {
  return new ToolError("state.repository.unsupported", `The repository ${printable(location)} cannot be used: ${why}`, {
    data: { location },
    hints: ["Use a repository with files as refs and a path of one line, or a newer git"],
    cause,
  });
}
