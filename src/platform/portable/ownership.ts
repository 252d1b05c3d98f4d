import { stat } from "node:fs/promises";
import { geteuid } from "node:process";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { fileError } from "../file-errors.ts";
import { lastOf, type Settings } from "./config.ts";
import type { Found } from "./repository.ts";

/**
 * Refuses a repository of another user unless git's setting `safe.directory` names it, and a bare one that nobody named as a git folder
 * where `safe.bareRepository` says so; both only from files of machine and user. Throws `state.repository.unsafe`. Source: git-config(1).
 */
export async function expectTrusted(
  location: string,
  { gitDir, workTree, owned }: Found,
  user: Settings,
  isBare: boolean,
): Promise<void> {
  if (isBare && lastOf(user, "safe.barerepository") === "explicit") throw unsafeBare(location);
  const uid = geteuid?.();
  if (uid === undefined || isNamed(workTree ?? gitDir, user)) return;
  for (const path of owned) {
    const found = await stat(path).catch((cause: unknown) => {
      throw fileError(cause, path);
    });
    if (found.uid !== uid) throw unsafe(location, workTree ?? gitDir);
  }
}

function isNamed(path: string, user: Settings): boolean {
  let isSafe = false;
  for (const [name, value] of user) {
    if (name !== "safe.directory") continue;
    // An empty value forgets those before it.
    if (value === "") isSafe = false;
    else if (value === "*" || value === path || (value.endsWith("/*") && path.startsWith(value.slice(0, -1))))
      isSafe = true;
  }
  return isSafe;
}

function unsafe(location: string, path: string): ToolError {
  return new ToolError("state.repository.unsafe", `The repository ${printable(location)} belongs to another user`, {
    data: { location, setting: "safe.directory" },
    hints: [`If you trust it, add to ~/.gitconfig: [safe] directory = ${printable(path)}`],
  });
}

function unsafeBare(location: string): ToolError {
  return new ToolError(
    "state.repository.unsafe",
    `Git's setting safe.bareRepository forbids the use of ${printable(location)}`,
    {
      data: { location, setting: "safe.bareRepository" },
      hints: ["Set safe.bareRepository to all, or use a clone"],
    },
  );
}
