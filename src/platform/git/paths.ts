import { ToolError } from "../../kernel/errors.ts";
import { isOneLine, printable } from "../../kernel/text.ts";
import { type Limits, limitExceeded } from "./limits.ts";

/** Names that git, a forge or a file system reads in a way of its own; compared in lower case. */
const RESERVED =
  /^(?:\.git|\.git(?:modules|attributes|ignore)|git~[0-9]+|(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?)$/;

const BRANCH = /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;

/**
 * Splits a path that a writer wants to create. A path that git, a file system or a reader could take for another one is
 * refused: paths come from the layout table, so a bad one is our bug.
 */
export function pathNames(path: string, limits: Limits): readonly string[] {
  const names = path.split("/");
  if (names.length > limits.depth) throw limitExceeded(path, "names in a path", limits.depth);
  const bad = names.find((name) => !isNameSafe(name));
  if (bad === undefined) return names;
  throw new ToolError("internal.bug", `The path ${printable(path)} cannot be written to a branch`, {
    data: { path: printable(path) },
  });
}

function isNameSafe(name: string): boolean {
  if (name === "" || name === "." || name === ".." || name.length > 255) return false;
  return isOneLine(name) && !/[\\:]|[. ]$/.test(name) && !RESERVED.test(name.toLowerCase());
}

/** Takes a branch name, for example `waybill/state`, for the tail of a full ref name. Throws `usage.invalid_argument`. */
export function branchName(branch: string): string {
  const names = branch.split("/");
  if (branch.length <= 200 && names.every((name) => BRANCH.test(name) && !name.endsWith(".lock"))) return branch;
  throw new ToolError("usage.invalid_argument", `${printable(branch)} is not a branch name that Waybill uses`, {
    data: { branch: printable(branch) },
  });
}
